import type { OddsUpdate } from '@paddock/contracts';
import { SubscriptionGroup, type FrameContent, type Position, type Subscriber } from './subscription-group.js';
import type { Clock } from './clock.js';
import { type ClkCodec, type ClkProblem, type Place, shortEpoch } from './clk.js';
import { ConflationGroup } from './conflation-group.js';
import { isOver, type LiveMarket } from './live-market.js';
import type { MarketFilter } from './market-filter.js';
import type { MarketPolicy } from './market-policy.js';
import { type MarketShard, type MarketTaken } from './market-shard.js';
import { BrandView } from './brand-view.js';
import { type Missed, missedSince, type ResumeRefusal } from './missed.js';
import type { Sink } from './sink.js';
import { image } from './write-market.js';

/** How often the hub checks for silence, schedules, slow readers and heartbeats that are due. */
const TICK_MS = 100;
/** A slow reader is caught up when it has no more than this unread. */
const CAUGHT_UP_BYTES = 64 << 10;
const MAX_STALLED_MS = 10_000;
/** Longest frame of an image; larger images come in segments. */
const SEGMENT_CHARACTERS = 128 << 10;

/** What a reader subscribes to. */
export interface Subscription {
  readonly id: number;
  readonly filter: MarketFilter;
  readonly conflateMs: number;
  readonly hbMs: number;
  readonly clk?: string | undefined;
}

interface OpenSubscription {
  readonly subscriber: Subscriber;
  readonly subscriptionGroup: SubscriptionGroup;
  readonly group: ConflationGroup;
}

/** The collaborators and limits of a hub. */
export interface HubDependencies {
  readonly clock: Clock;
  readonly codec: ClkCodec;
  readonly shards: readonly MarketShard[];
  /** A partition that is silent for longer has its markets suspended. */
  readonly silenceMs: number;
}

/**
 * Turns records of the log into frames for subscriptions; reads no log and owns no connection. Synchronous and driven by
 * the given clock alone, so that a test can run a whole match day record by record.
 */
export class MarketHub {
  private readonly groups = new Map<BrandView, Map<number, ConflationGroup>>();
  private readonly known = new Map<string, BrandView>();
  private readonly windows = new Map<ConflationGroup, () => void>();
  private readonly touched = new Set<ConflationGroup>();
  private readonly positions = new WeakMap<BrandView, { readonly version: number; readonly position: Position }>();
  private readonly subscriptions = new Set<OpenSubscription>();
  private stopTicking: (() => void) | undefined;
  private version = 1;
  private stamp = 0;
  private lists = 0;

  constructor(private readonly parts: HubDependencies) {
    this.tickAgain();
  }

  get readers(): number {
    return this.subscriptions.size;
  }

  /** Changes whenever a list of visible markets or its order may have changed. */
  get listVersion(): number {
    return this.lists;
  }

  /** Have all partitions been read once? */
  get isReady(): boolean {
    return this.parts.shards.every(({ loaded }) => loaded);
  }

  get views(): readonly BrandView[] {
    return [...this.known.values()];
  }

  *markets(filter: MarketFilter): Iterable<LiveMarket> {
    for (const partition of filter.partitions)
      for (const market of this.parts.shards[partition]?.candidates(filter) ?? [])
        if (filter.matches(market)) yield market;
  }

  isSilent = ({ partition }: LiveMarket): boolean => this.parts.shards[partition]?.silent === true;

  /** The one view of that name; created on first use. */
  view(name: string, policy: () => MarketPolicy): BrandView {
    let view = this.known.get(name);
    if (!view) this.known.set(name, (view = new BrandView(name, policy(), this.parts.clock.now())));
    this.evaluateIfDue(view);
    return view;
  }

  /** Applies a record of the log; its frames are sent by {@link flush}. @throws GapInLog */
  take(partition: number, update: OddsUpdate): void {
    const shard = this.parts.shards[partition];
    const taken = shard?.take(update);
    this.version += 1;
    if (taken && taken !== 'replaced' && changesLists(taken)) this.lists += 1;
    if (taken === 'replaced') this.replaced();
    else if (taken?.visible) for (const [view, groups] of this.groups) this.fanOut(view, groups, taken);
    if (taken && taken !== 'replaced' && taken.market.isOver)
      for (const view of this.known.values()) view.forget(taken.market);
  }

  /** The markets of a partition were replaced: no reader can resume from its position. */
  replaced(): void {
    this.version += 1;
    this.lists += 1;
    for (const view of this.known.values()) view.forgetAll();
    for (const [view, groups] of this.groups) {
      for (const group of groups.values()) {
        group.reset(this.positionOf(view));
        for (const subscriptionGroup of group.subscriptionGroups.values())
          for (const subscriber of subscriptionGroup.subscribers)
            this.sendImage({ subscriber, subscriptionGroup, group }, 'EPOCH');
      }
    }
  }

  /** Sends changes that wait for no window, after one or many records. */
  flush(): void {
    const now = this.parts.clock.now();
    for (const group of this.touched) {
      if (group.conflateMs === 0) group.flush(this.positionOf(group.view), now);
      else {
        group.sendUrgent(this.positionOf(group.view), now);
        if (!group.isIdle && !this.windows.has(group)) this.openWindow(group, now);
      }
    }
    this.touched.clear();
  }

  /** Replaces the rules of a view and sends what they change. */
  applyPolicy(view: BrandView, policy: MarketPolicy): void {
    if (policy.rev === view.policy.rev && policy.displays === view.policy.displays) return;
    this.evaluate(view, policy);
    this.flush();
  }

  /** @returns a function that ends the subscription */
  subscribe(
    view: BrandView,
    { id, filter, conflateMs, hbMs, clk }: Subscription,
    sink: Sink,
    applied: string,
  ): () => void {
    const now = this.parts.clock.now();
    const group = this.conflationGroupFor(view, conflateMs);
    const subscriptionGroup = this.subscriptionGroupFor(group, filter, hbMs, now);
    const position = this.positionOf(view);
    if (group.isIdle) group.position = position;
    const subscriber: Subscriber = { id, sink, position, stalledAt: undefined };
    const subscription = { subscriber, subscriptionGroup, group };
    this.subscriptions.add(subscription);
    subscriptionGroup.subscribers.add(subscriber);
    const missed = clk === undefined ? undefined : this.missed(view, filter, clk);
    if (missed && 'entries' in missed)
      this.sendTo(subscription, missed.entries, '"ct":"RESUB",', `"recovered":true,${applied}`);
    else this.sendImage(subscription, missed?.refusal, applied);
    return () => this.end(subscription);
  }

  /** The place that a `clk` encodes. */
  placeOf(clk: string): Place | ClkProblem {
    return this.parts.codec.read(clk);
  }

  /** The changes since a `clk`. */
  missed(view: BrandView, filter: MarketFilter, clk: string): Missed {
    const place = this.placeOf(clk);
    if (typeof place === 'string') return { refusal: 'UNKNOWN' };
    return missedSince(this.parts.shards, view, filter, place, this.parts.clock.now());
  }

  /** The `clk` of the current state. */
  clk(view: BrandView, filter: MarketFilter): string {
    const { policy, at, shards } = this.positionOf(view);
    return this.parts.codec.write({
      view: view.name,
      filter: filter.name,
      policy,
      at,
      shards: shards.filter(({ shard }) => filter.partitions.includes(shard)),
    });
  }

  /** The entries of an image: every market that the view lets its readers see. */
  imageOf(view: BrandView, filter: MarketFilter): string[] {
    const entries: string[] = [];
    for (const market of this.markets(filter)) {
      const shown = view.show(market, this.isSilent(market));
      if (shown) entries.push(image(market, shown));
    }
    return entries;
  }

  /** Ends every stream; readers reconnect. */
  drain(): void {
    for (const sink of new Set([...this.subscriptions].map(({ subscriber }) => subscriber.sink))) sink.end('DRAIN');
    this.stopTicking?.();
    for (const close of this.windows.values()) close();
    this.windows.clear();
  }

  private fanOut(
    view: BrandView,
    groups: ReadonlyMap<number, ConflationGroup>,
    { market, seq, before, defBefore, factsChanged }: MarketTaken,
  ): void {
    const { st } = market.book;
    const wasVisible =
      before !== undefined &&
      !isOver(before) &&
      (factsChanged ? view.effectUnder(market, defBefore) : view.effectOf(market)) !== 'HIDE';
    const shown = view.show(market, this.isSilent(market));
    if (!wasVisible && !shown) return;
    const urgent = !shown || factsChanged || (before !== st && before !== undefined && st !== 'OPEN');
    const change = {
      since: seq - 1,
      knownAs: wasVisible ? (factsChanged ? defBefore : market.book.def) : undefined,
      urgent,
      wanted: factsChanged ? 'image' : 'changes',
    } as const;
    for (const group of groups.values()) {
      group.enqueue(market, change);
      this.touched.add(group);
    }
  }

  private evaluate(view: BrandView, policy: MarketPolicy): void {
    const now = this.parts.clock.now();
    this.version += 1;
    const transitions = view.evaluate(this.allMarkets(), policy, now);
    this.lists += 1;
    for (const group of this.groups.get(view)?.values() ?? []) {
      for (const { market, before } of transitions)
        group.enqueue(market, {
          since: -1,
          knownAs: before === 'HIDE' ? undefined : market.book.def,
          urgent: true,
          wanted: 'image',
        });
      if (transitions.length > 0) this.touched.add(group);
      // No market changes, but the position of readers must name the current rules.
      else if (group.isIdle) group.position = this.positionOf(view);
    }
  }

  private evaluateIfDue(view: BrandView): void {
    if (!view.isDue(this.parts.clock.now())) return;
    this.evaluate(view, view.policy);
    this.flush();
  }

  private *allMarkets(): Iterable<LiveMarket> {
    for (const shard of this.parts.shards) yield* shard.markets.values();
  }

  private tickAgain(): void {
    this.stopTicking = this.parts.clock.at(this.parts.clock.now() + TICK_MS, () => {
      this.tick();
      this.tickAgain();
    });
  }

  private tick(): void {
    const now = this.parts.clock.now();
    for (const shard of this.parts.shards) this.checkLiveness(shard, now);
    for (const view of this.known.values()) this.evaluateIfDue(view);
    this.flush();
    for (const [view, groups] of this.groups) for (const group of groups.values()) this.beat(view, group, now);
    for (const subscription of this.subscriptions)
      if (subscription.subscriber.stalledAt !== undefined) this.catchUp(subscription, now);
  }

  /** Checked here and not read from the log, because the writer of the log itself may be silent. */
  private checkLiveness(shard: MarketShard, now: number): void {
    const silent = shard.loaded && now - shard.heardAt > this.parts.silenceMs;
    if (silent === shard.silent) return;
    shard.silent = silent;
    this.version += 1;
    for (const [view, groups] of this.groups) {
      for (const market of shard.markets.values()) {
        if (market.book.st !== 'OPEN' || view.effectOf(market) === 'HIDE' || view.effectOf(market) === 'SUSPEND')
          continue;
        view.bump(market, now);
        for (const group of groups.values()) {
          group.enqueue(market, {
            since: -1,
            knownAs: market.book.def,
            urgent: true,
            wanted: silent ? 'status' : 'image',
          });
          this.touched.add(group);
        }
      }
    }
  }

  private beat(view: BrandView, group: ConflationGroup, now: number): void {
    for (const subscriptionGroup of group.subscriptionGroups.values()) {
      if (now - subscriptionGroup.lastFrameAt < subscriptionGroup.hbMs) continue;
      if (group.isIdle) group.position = this.positionOf(view);
      subscriptionGroup.beat(group.position, now);
    }
  }

  private catchUp(subscription: OpenSubscription, now: number): void {
    const { subscriber, subscriptionGroup, group } = subscription;
    const { sink, stalledAt = now } = subscriber;
    const { position } = subscriber;
    if (sink.buffered > CAUGHT_UP_BYTES) {
      if (now - stalledAt > MAX_STALLED_MS) sink.end('SLOW');
      return;
    }
    subscriber.stalledAt = undefined;
    const missed = missedSince(
      this.parts.shards,
      group.view,
      subscriptionGroup.filter,
      { ...position, filter: subscriptionGroup.filter.name },
      now,
    );
    if ('refusal' in missed) this.sendImage(subscription, missed.refusal);
    else this.sendTo(subscription, missed.entries, '', '"con":true,');
  }

  private sendImage(subscription: OpenSubscription, refusal?: ResumeRefusal, applied = ''): void {
    const { subscriptionGroup, group } = subscription;
    if (subscriptionGroup.image?.version !== this.version)
      subscriptionGroup.image = {
        version: this.version,
        entries: this.imageOf(group.view, subscriptionGroup.filter),
      };
    const why = refusal ? `"reason":"${refusal}",` : '';
    this.sendTo(subscription, subscriptionGroup.image.entries, '"ct":"IMG",', `"recovered":false,${why}${applied}`);
  }

  /** In segments where it is long. Only the last segment has a `clk`: a reader may resume only from a complete image. */
  private sendTo(
    { subscriber, subscriptionGroup, group }: OpenSubscription,
    entries: readonly string[],
    kind: string,
    extra: string,
  ): void {
    const now = this.parts.clock.now();
    const position = this.positionOf(group.view);
    group.includeCurrentDefinitions();
    const segments = segmentsOf(entries);
    for (const [index, segment] of segments.entries()) {
      const isLast = index === segments.length - 1;
      const seg = segments.length === 1 ? '' : `"seg":"${index === 0 ? 'S' : isLast ? 'E' : 'M'}",`;
      const content: FrameContent = { entries: segment, extra: `${kind}${seg}${index === 0 ? extra : ''}` };
      subscriptionGroup.sendTo(subscriber, content, isLast ? position : undefined, now);
    }
  }

  private openWindow(group: ConflationGroup, now: number): void {
    const close = this.parts.clock.at(group.windowEnd(now), () => {
      this.windows.delete(group);
      group.flush(this.positionOf(group.view), this.parts.clock.now());
    });
    this.windows.set(group, close);
  }

  private positionOf(view: BrandView): Position {
    const known = this.positions.get(view);
    if (known?.version === this.version) return known.position;
    this.stamp += 1;
    const shards = this.parts.shards.map(({ partition, epoch, seq, silent }): Place['shards'][number] => ({
      shard: partition,
      epoch: shortEpoch(epoch),
      seq,
      silent,
    }));
    const position: Position = {
      view: view.name,
      policy: view.policy.rev,
      at: view.evaluatedAt,
      shards,
      stamp: this.stamp,
      rulesStamp: this.stamp,
    };
    this.positions.set(view, { version: this.version, position });
    return position;
  }

  private conflationGroupFor(view: BrandView, conflateMs: number): ConflationGroup {
    let groups = this.groups.get(view);
    if (!groups) this.groups.set(view, (groups = new Map()));
    let group = groups.get(conflateMs);
    if (!group)
      groups.set(conflateMs, (group = new ConflationGroup(view, conflateMs, this.isSilent, this.positionOf(view))));
    return group;
  }

  private subscriptionGroupFor(
    { subscriptionGroups }: ConflationGroup,
    filter: MarketFilter,
    hbMs: number,
    now: number,
  ): SubscriptionGroup {
    const name = `${hbMs} ${filter.name}`;
    let subscriptionGroup = subscriptionGroups.get(name);
    if (!subscriptionGroup)
      subscriptionGroups.set(
        name,
        (subscriptionGroup = new SubscriptionGroup(filter, hbMs, (place) => this.parts.codec.write(place), now)),
      );
    return subscriptionGroup;
  }

  private end(subscription: OpenSubscription): void {
    const { subscriber, subscriptionGroup, group } = subscription;
    this.subscriptions.delete(subscription);
    subscriptionGroup.subscribers.delete(subscriber);
    if (subscriptionGroup.subscribers.size > 0) return;
    for (const [name, one] of group.subscriptionGroups)
      if (one === subscriptionGroup) group.subscriptionGroups.delete(name);
    if (group.subscriptionGroups.size > 0) return;
    this.windows.get(group)?.();
    this.windows.delete(group);
    this.touched.delete(group);
    const groups = this.groups.get(group.view);
    groups?.delete(group.conflateMs);
    if (groups?.size === 0) this.groups.delete(group.view);
  }
}

/** Is the market new, over, reopened or redefined? */
function changesLists({ market, before, defBefore }: MarketTaken): boolean {
  return (
    before === undefined ||
    defBefore !== market.book.def ||
    (before !== market.book.st && (isOver(before) || market.isOver))
  );
}

function segmentsOf(entries: readonly string[]): string[][] {
  const segments: string[][] = [[]];
  let length = 0;
  for (const entry of entries) {
    if (length > SEGMENT_CHARACTERS) {
      segments.push([]);
      length = 0;
    }
    segments.at(-1)?.push(entry);
    length += entry.length;
  }
  return segments;
}
