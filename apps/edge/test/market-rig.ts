import type { MarketUpdate, OddsUpdate } from '@paddock/contracts';
import { ODDS_MARKETS } from '@paddock/contracts';
import { partitionOf } from '@paddock/eventlog';
import type { CompiledRule } from '@paddock/visibility';
import { ClkCodec } from '../src/markets/clk.js';
import type { Clock } from '../src/markets/clock.js';
import { MarketFilter } from '../src/markets/market-filter.js';
import { MarketHub } from '../src/markets/market-hub.js';
import { NO_RULES, policyFor, type RuleSet } from '../src/markets/market-policy.js';
import { MarketShard } from '../src/markets/market-shard.js';
import type { BrandView } from '../src/markets/brand-view.js';
import type { ByeCode, Sink } from '../src/markets/sink.js';
import { MarketClient, type WireFrame } from './market-client.js';

/** A clock that the test advances. */
export class VirtualClock implements Clock {
  private readonly timers = new Set<{ readonly time: number; readonly run: () => void }>();

  constructor(private time: number) {}

  now = (): number => this.time;

  at(time: number, run: () => void): () => void {
    const timer = { time, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Runs everything that is due on the way, in order. */
  advanceTo(time: number): void {
    for (;;) {
      let next: { readonly time: number; readonly run: () => void } | undefined;
      for (const timer of this.timers) if (timer.time <= time && (!next || timer.time < next.time)) next = timer;
      if (!next) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.time);
      next.run();
    }
    this.time = Math.max(this.time, time);
  }

  /** Goes over a long time in which nothing happens: what is due on the way runs once, at its end. */
  skipTo(time: number): void {
    if (time <= this.time) return;
    this.time = time;
    const due = [...this.timers].filter((timer) => timer.time <= time).sort((a, b) => a.time - b.time);
    for (const timer of due) if (this.timers.delete(timer)) timer.run();
  }
}

const TEXT = { name: 'text', encode: (json: string): Buffer => Buffer.from(json) };

/** A reader in this process; it reads every frame at once, unless it is set to stop reading. */
export class TestReader implements Sink {
  readonly format = TEXT;
  readonly client = new MarketClient();
  readonly frames: WireFrame[] = [];
  bytes = '';
  buffered = 0;
  reads = true;
  ended: ByeCode | undefined;
  unsubscribe: () => void = () => undefined;

  constructor(private readonly keep = false) {}

  write(frame: Buffer): void {
    if (!this.reads) this.buffered += frame.length;
    const text = frame.toString('utf8');
    const parsed: WireFrame = JSON.parse(text);
    if (this.keep) {
      this.bytes += text;
      this.frames.push(parsed);
    }
    this.client.take(parsed);
  }

  end(code: ByeCode): void {
    this.ended = code;
    this.unsubscribe();
  }
}

/** How a test subscribes. */
export interface Wanted {
  readonly conflateMs?: number;
  readonly hbMs?: number;
  readonly filter?: MarketFilter;
  readonly clk?: string | undefined;
  readonly reader?: TestReader;
  readonly view?: BrandView;
}

/** A hub on a virtual clock; the test writes its records. */
export class MarketRig {
  readonly clock: VirtualClock;
  readonly shards = Array.from({ length: ODDS_MARKETS.partitions }, (_, partition) => new MarketShard(partition));
  readonly codec = new ClkCodec('test');
  readonly hub: MarketHub;
  private readonly seqs = this.shards.map(() => 0);
  private readonly versions = new Map<string, number>();

  constructor(now = Date.parse('2026-06-01T12:00:00Z'), silenceMs = 10_000) {
    this.clock = new VirtualClock(now);
    this.hub = new MarketHub({ clock: this.clock, codec: this.codec, shards: this.shards, silenceMs });
    for (const shard of this.shards) shard.load({ epoch: 'epoch-one', seq: 0 }, []);
    this.hear();
  }

  /** Every partition gets a beat now. */
  hear(): void {
    for (const shard of this.shards) shard.hear(this.clock.now());
    this.clock.advanceTo(this.clock.now() + 100);
  }

  view(rules: RuleSet = NO_RULES, name = 'production/acme-uk/GB'): BrandView {
    const [, site = '', jurisdiction = ''] = name.split('/');
    return this.hub.view(name, () => policyFor(rules, { site, jurisdiction }));
  }

  applyRules(rules: RuleSet, name = 'production/acme-uk/GB'): void {
    const [, site = '', jurisdiction = ''] = name.split('/');
    this.hub.applyPolicy(this.view(rules, name), policyFor(rules, { site, jurisdiction }));
  }

  /** An update of a market, numbered as the market-state service does. */
  update(given: Partial<MarketUpdate> & { readonly id: string; readonly event: string }, { flush = true } = {}): void {
    const partition = partitionOf(ODDS_MARKETS, given.event);
    const seq = (this.seqs[partition] ?? 0) + 1;
    const v = (this.versions.get(given.id) ?? 0) + 1;
    const at = this.clock.now();
    this.seqs[partition] = seq;
    this.versions.set(given.id, v);
    this.take(partition, { type: 'market', feed: 'sim', epoch: 'epoch-one', pt: at, at, ...given, seq, v });
    if (flush) this.hub.flush();
  }

  take(partition: number, update: OddsUpdate): void {
    this.hub.take(partition, update);
  }

  /** A market that is new and open, with two runners. */
  open(id: string, event = 'sim:e1', about: { readonly sport?: string; readonly type?: string } = {}): void {
    const def = {
      event,
      sport: about.sport ?? 'football',
      type: about.type ?? 'MATCH_ODDS',
      runners: [{ id: 1 }, { id: 2 }],
    };
    const r = [
      { id: 1, st: 'ACTIVE', p: 2_000 },
      { id: 2, st: 'ACTIVE', p: 1_500 },
    ] as const;
    this.update({ id, event, img: true, st: 'OPEN', sr: null, ip: false, def, r });
  }

  price(id: string, p: number, event = 'sim:e1'): void {
    this.update({ id, event, r: [{ id: 1, p }] });
  }

  subscribe({
    conflateMs = 0,
    hbMs = 2_000,
    filter = new MarketFilter({}),
    clk,
    reader = new TestReader(true),
    view = this.view(),
  }: Wanted = {}): TestReader {
    reader.unsubscribe = this.hub.subscribe(view, { id: 1, filter, conflateMs, hbMs, clk }, reader, '');
    return reader;
  }

  /** What a client would have that had just come. */
  truth(view = this.view(), filter = new MarketFilter({})): string {
    const client = new MarketClient();
    client.take({ op: 'mc', ct: 'IMG', m: this.hub.imageOf(view, filter).map((json) => JSON.parse(json)) });
    return client.state;
  }

  /** Until some time, with every partition heard of on the way. */
  goTo(time: number): void {
    const quiet = 500;
    if (time - this.clock.now() > quiet) {
      for (const shard of this.shards) shard.hear(time - quiet);
      this.clock.skipTo(time - quiet);
    }
    for (const shard of this.shards) shard.hear(time);
    this.clock.advanceTo(time);
  }

  wait(ms: number, { heard = true } = {}): void {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      this.clock.advanceTo(Math.min(until, this.clock.now() + 1_000));
      if (heard) for (const shard of this.shards) shard.hear(this.clock.now());
    }
  }
}

/** Rules as they are when their documents are live. */
export function ruleSet(...rules: readonly CompiledRule[]): RuleSet {
  return { rules, feeds: new Map() };
}
