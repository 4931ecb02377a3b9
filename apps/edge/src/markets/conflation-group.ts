import type { MarketDefinition } from '@paddock/contracts';
import { type SubscriptionGroup, type Position, under } from './subscription-group.js';
import type { LiveMarket } from './live-market.js';
import type { BrandView, Shown } from './brand-view.js';
import { changes, image, removal, statusChange } from './write-market.js';

/** What a market's entry contains. */
type Wanted = 'changes' | 'status' | 'image';

/** A market with changes that are not sent yet. */
interface PendingMarket {
  /** Readers have the market as of this `seq`. */
  readonly since: number;
  /** The definitions under which some readers were sent the market: filters that match one of them need its removal. */
  readonly knownAs: MarketDefinition[];
  updates: number;
  wanted: Wanted;
  /** Is sent without waiting for the window, together with its waiting changes: a waiting price is not sent afterwards. */
  urgent: boolean;
  /** Without a window: the entries of each update. */
  parts: string[];
}

/** A change of a market that a conflation group has to send. */
export interface PendingChange {
  readonly since: number;
  /** The definition under which readers were last sent the market; absent where they were not sent it. */
  readonly knownAs?: MarketDefinition | undefined;
  readonly urgent: boolean;
  readonly wanted: Wanted;
}

/**
 * The subscriptions of one view with the same conflation window. Windows begin at multiples of their length, so windows
 * of equal length end together, and their frames are encoded once.
 */
export class ConflationGroup {
  readonly subscriptionGroups = new Map<string, SubscriptionGroup>();
  private readonly pending = new Map<LiveMarket, PendingMarket>();
  private urgent = 0;

  constructor(
    readonly view: BrandView,
    readonly conflateMs: number,
    private readonly isSilent: (market: LiveMarket) => boolean,
    /** Everything before this position was sent, or is pending. */
    public position: Position,
  ) {}

  get isIdle(): boolean {
    return this.pending.size === 0;
  }

  /** The end of the window that contains `now`. */
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

  /** A reader is about to get the current state, pending changes included: a later removal has to reach it. */
  includeCurrentDefinitions(): void {
    for (const [market, { knownAs }] of this.pending) {
      const { def } = market.book;
      if (def && !knownAs.includes(def) && this.view.show(market, this.isSilent(market))) knownAs.push(def);
    }
  }

  /** Sends urgent changes. `current` is the position of the log, which readers reach when nothing else is pending. */
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

  /** Drops pending changes, because every reader gets an image. */
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

  /** The entry for the market as it is now, not as it was when its change was enqueued. */
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

/** A market that leaves the group's filter is sent as a removal, one that enters it as an image. */
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
