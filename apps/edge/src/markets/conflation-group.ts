import type { MarketDefinition } from '@paddock/contracts';
import { type SubscriptionGroup, type Position, under } from './subscription-group.js';
import type { LiveMarket } from './live-market.js';
import type { BrandView, Shown } from './brand-view.js';
import { changes, image, removal, statusChange } from './write-market.js';

/** What a market's entry is to say. */
type Wanted = 'changes' | 'status' | 'image';

/** A market that readers are to hear of. */
interface PendingMarket {
  /** They know it as it was at this `seq`. */
  readonly since: number;
  /** What it was about when some of them were told of it: only then can it be taken away from them. Filters see it as that. */
  readonly knownAs: MarketDefinition[];
  updates: number;
  wanted: Wanted;
  /** Waits for no window, and takes what waited along: a price that was due is not sent any more. */
  urgent: boolean;
  /** Without window: what was written update by update. */
  parts: string[];
}

/** A change of a market, as conflationGroups are told of it. */
export interface PendingChange {
  readonly since: number;
  /** What it was about when readers were told of it last; absent when they were not. */
  readonly knownAs?: MarketDefinition | undefined;
  readonly urgent: boolean;
  readonly wanted: Wanted;
}

/**
 * The readers of one view who want changes in windows of the same length. Windows lie at multiples of their length, so
 * those of equal length end together, and what they end with is written once.
 */
export class ConflationGroup {
  readonly subscriptionGroups = new Map<string, SubscriptionGroup>();
  private readonly pending = new Map<LiveMarket, PendingMarket>();
  private urgent = 0;

  constructor(
    readonly view: BrandView,
    readonly conflateMs: number,
    private readonly isSilent: (market: LiveMarket) => boolean,
    /** Everything before it was sent, or is pending. */
    public position: Position,
  ) {}

  get isIdle(): boolean {
    return this.pending.size === 0;
  }

  /** When the window ends that a change at `now` falls into. */
  windowEnd(now: number): number {
    return (Math.floor(now / this.conflateMs) + 1) * this.conflateMs;
  }

  enqueue(market: LiveMarket, { since, knownAs, urgent, wanted }: PendingChange): void {
    let pending = this.pending.get(market);
    if (!pending)
      this.pending.set(
        market,
        (pending = { since, knownAs: knownAs ? [knownAs] : [], updates: 0, wanted, urgent: false, parts: [] }),
      );
    else if (wanted !== 'changes') pending.wanted = 'image';
    pending.updates += 1;
    if (urgent && !pending.urgent) {
      pending.urgent = true;
      this.urgent += 1;
    }
    if (this.conflateMs !== 0 || pending.urgent) return;
    const shown = this.view.show(market, this.isSilent(market));
    if (shown) pending.parts.push(changes(market, shown, since));
  }

  /** Somebody is told how things are now, so also of what waits. */
  includeCurrentDefinitions(): void {
    for (const [market, { knownAs }] of this.pending) {
      const { def } = market.book;
      if (def && !knownAs.includes(def) && this.view.show(market, this.isSilent(market))) knownAs.push(def);
    }
  }

  /** Sends what waits for no window. `current` is where the log is: readers are there when nothing else waits. */
  sendUrgent(current: Position, now: number): void {
    if (this.urgent === 0) return;
    const urgent = [...this.pending].filter(([, pending]) => pending.urgent);
    for (const [market] of urgent) this.pending.delete(market);
    this.urgent = 0;
    this.position = this.isIdle ? current : under(current, this.position);
    this.send(urgent, now);
  }

  /** Ends the window. */
  flush(current: Position, now: number): void {
    const all = [...this.pending];
    this.pending.clear();
    this.urgent = 0;
    this.position = current;
    this.send(all, now);
  }

  /** Everything is told anew: nothing waits any more. */
  reset(current: Position): void {
    this.pending.clear();
    this.urgent = 0;
    this.position = current;
  }

  private send(due: readonly (readonly [LiveMarket, PendingMarket])[], now: number): void {
    const written = due.map(([market, pending]) => ({ market, pending, entry: this.entryOf(market, pending) }));
    for (const subscriptionGroup of this.subscriptionGroups.values()) {
      const entries: string[] = [];
      let conflated = false;
      for (const { market, pending, entry } of written) {
        const part = entryFor(subscriptionGroup, market, pending, entry);
        if (part === undefined) continue;
        entries.push(part);
        conflated ||= pending.updates > Math.max(1, pending.parts.length);
      }
      if (entries.length > 0)
        subscriptionGroup.send({ entries, extra: conflated ? '"con":true,' : '' }, this.position, now);
    }
  }

  /** As the market stands now, whatever it was when it was marked. */
  private entryOf(market: LiveMarket, pending: PendingMarket): Entry {
    const shown = this.view.show(market, this.isSilent(market));
    if (!shown) return { json: undefined, shown };
    if (pending.parts.length > 0 && !pending.urgent) return { json: pending.parts.join(','), shown };
    if (pending.wanted === 'image' || pending.knownAs.length === 0) return { json: image(market, shown), shown };
    return {
      json: pending.wanted === 'status' ? statusChange(market, shown) : changes(market, shown, pending.since),
      shown,
    };
  }
}

interface Entry {
  readonly json: string | undefined;
  readonly shown: Shown | undefined;
}

/** A market that leaves or enters what a subscriptionGroup chose is removed or whole there. */
function entryFor(
  { filter }: SubscriptionGroup,
  market: LiveMarket,
  { knownAs }: PendingMarket,
  { json, shown }: Entry,
): string | undefined {
  const wasThere = knownAs.some((def) => filter.matches(market, def));
  if (json === undefined || !shown || !filter.matches(market)) return wasThere ? removal(market.id) : undefined;
  return wasThere || knownAs.length === 0 ? json : image(market, shown);
}
