import { canonicalJson, type Json, ODDS_MARKETS, type OddsChange, type OddsUpdate } from '@paddock/contracts';
import { partitionOf } from '@paddock/eventlog';
import { type MarketClient, type WireFrame } from '../../apps/edge/test/market-client.js';
import { MarketRig, TestReader, type Wanted } from '../../apps/edge/test/market-rig.js';
import { BetfairMarkets } from '../../apps/odds/src/feeds/betfair/betfair-markets.js';
import { parseMessage } from '../../apps/odds/src/feeds/betfair/messages.js';
import { linesOf } from '../../apps/odds/src/feeds/recordings/open-recording.js';
import { decide } from '../../apps/odds/src/markets/decide.js';
import { type Draft, Shard } from '../../apps/odds/src/markets/shard.js';
import { recorded } from '../../apps/odds/src/testing/recorded-feeds.js';

/** The contents of one message of a capture. */
export interface RecordedMessage {
  readonly pt: number;
  readonly changes: readonly OddsChange[];
}

const read = new Map<string, Promise<RecordedMessage[]>>();

/** A capture in the common vocabulary, message by message. */
export function messagesOf(capture: string): Promise<RecordedMessage[]> {
  const known = read.get(capture) ?? readMessages(capture);
  read.set(capture, known);
  return known;
}

async function readMessages(capture: string): Promise<RecordedMessage[]> {
  const markets = new BetfairMarkets('bf');
  const messages: RecordedMessage[] = [];
  for await (const line of linesOf(recorded(capture))) {
    const message = parseMessage(line);
    if (message.op === 'mcm') messages.push({ pt: message.pt ?? 0, changes: markets.take(message, message.pt ?? 0) });
  }
  return messages;
}

/** A reader that looks at every frame, as it is written, with the market state of that moment. */
class WatchedReader extends TestReader {
  private readonly versions = new Map<string, number>();

  constructor(private readonly delivery: RecordedDelivery) {
    super();
  }

  override write(frame: Buffer): void {
    super.write(frame);
    const { ct, seg, m }: WireFrame = JSON.parse(frame.toString('utf8'));
    if (ct === 'IMG' && (seg === undefined || seg === 'S')) this.versions.clear();
    for (const { id, v = 0, rm, r } of m ?? []) {
      const { faults } = this.delivery;
      const status = this.delivery.statusOf(id);
      if (status !== 'OPEN' && r?.some(({ p, lay, ltp, sp }) => [p, lay, ltp, sp].some((price) => price !== undefined)))
        faults.push(`${id} is ${status} and has a price at v ${v}`);
      if (!rm && v < (this.versions.get(id) ?? 0)) faults.push(`${id} goes from v ${this.versions.get(id)} to ${v}`);
      if (rm) this.versions.delete(id);
      else this.versions.set(id, v);
    }
  }
}

/** Captures played through the market state into a hub, in one process and by their own clock. */
export class RecordedDelivery {
  readonly rig: MarketRig;
  readonly log: { readonly partition: number; readonly update: OddsUpdate }[] = [];
  /** Faults that no reader must ever see. */
  readonly faults: string[] = [];
  private shards: Shard[];

  constructor(start: number) {
    this.rig = new MarketRig(start - 60_000);
    this.shards = this.rig.shards.map(() => new Shard('epoch-one'));
  }

  reader(wanted: Omit<Wanted, 'reader'> = {}): TestReader {
    return this.rig.subscribe({ hbMs: 5_000, ...wanted, reader: new WatchedReader(this) });
  }

  /** One message: decided, written, delivered. */
  play({ pt, changes }: RecordedMessage, { twice = false } = {}): void {
    this.rig.goTo(pt);
    for (const change of changes) {
      if ('event' in change)
        this.write(partitionOf(ODDS_MARKETS, change.event), (shard) => decide(shard, change), change.at, twice);
    }
    this.rig.hub.flush();
  }

  /** Something that the market state decides by itself. */
  write(partition: number, drafts: (shard: Shard) => readonly Draft[], at: number, twice = false): void {
    const shard = this.shards[partition];
    for (const update of shard?.write(drafts(shard), { in: undefined, at }) ?? []) {
      this.log.push({ partition, update });
      this.rig.take(partition, update);
      if (twice) this.rig.take(partition, update);
    }
  }

  /** Forgets the market state and rebuilds it from the log, as a service that starts does. */
  rebuildState(): void {
    this.shards = this.rig.shards.map(() => new Shard('epoch-one'));
    for (const { partition, update } of this.log) this.shards[partition]?.apply(update);
  }

  statusOf(id: string): string | undefined {
    for (const { books } of this.shards) {
      const book = books.get(id);
      if (book) return book.st;
    }
    return undefined;
  }

  /**
   * The state that bettors should see, derived from the market state without any code of the edge: live markets, prices
   * where they are open.
   */
  get expected(): string {
    const live = this.shards
      .flatMap(({ books }) => [...books.values()])
      .filter(({ st }) => st === 'OPEN' || st === 'SUSPENDED' || st === 'INACTIVE');
    return canonicalJson(
      live
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, st, runners }) => [
          id,
          st,
          ...(st === 'OPEN'
            ? Object.entries(runners)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, { p }]) => [key, p])
            : []),
        ]),
    );
  }
}

/** The same of a client. */
export function seenBy({ markets }: MarketClient): string {
  const entries = [...markets].sort(([a], [b]) => (a < b ? -1 : 1));
  return canonicalJson(
    entries.map(([id, { st, runners }]): Json[] => [
      id,
      st,
      ...(st === 'OPEN'
        ? [...runners].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, runner]): Json => [key, runner['p'] ?? null])
        : []),
    ]),
  );
}
