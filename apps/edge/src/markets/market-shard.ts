import type { BooksSnapshot, MarketBook, MarketUpdate, OddsUpdate } from '@paddock/contracts';
import { LiveMarket, type Taken } from './live-market.js';
import type { MarketFilter } from './market-filter.js';

/** Markets that are over are kept up to this number: readers may not have their end yet, and a rollback may reopen them. */
const MAX_OVER = 5_000;

/** The effect of one record of the log. */
export interface MarketTaken extends Taken {
  readonly market: LiveMarket;
  readonly seq: number;
}

/** Records between the last one and this one are missing. */
export class GapInLog extends Error {
  constructor(partition: number, have: number, got: number) {
    super(`partition ${partition} of the markets is at seq ${have} and its next record is ${got}`);
  }
}

/** One partition of the market state as this edge knows it: every live market once, without its history. */
export class MarketShard {
  readonly markets = new Map<string, LiveMarket>();
  /** Markets that are over, the longest over first. */
  private readonly over = new Set<LiveMarket>();
  private readonly events = new Map<string, Set<LiveMarket>>();
  epoch = '';
  seq = 0;
  /** Changes since an earlier `seq` than this one are no longer known. */
  floor = 0;
  /** When the market-state service wrote the last record or beat that was received, by its clock. */
  heardAt = 0;
  /** Has it been read at all? */
  loaded = false;
  /** No record or beat came for too long, so its prices cannot be trusted. */
  silent = false;

  constructor(readonly partition: number) {}

  /** Replaces all markets with those of a snapshot, or with none. */
  load(snapshot: Pick<BooksSnapshot, 'epoch' | 'seq'> | undefined, books: readonly MarketBook[]): void {
    this.markets.clear();
    this.over.clear();
    this.events.clear();
    this.epoch = snapshot?.epoch ?? '';
    this.seq = snapshot?.seq ?? 0;
    this.floor = this.seq;
    for (const book of books) this.add(LiveMarket.of(this.partition, book, this.seq));
    // The snapshot's writer may be dead: only the next record or beat of the log shows that it is alive.
    this.heardAt = 0;
    this.silent = true;
    this.loaded = true;
  }

  /**
   * Applies a record; `replaced` when it begins a new history, which drops all earlier markets.
   * @throws GapInLog
   */
  take(update: OddsUpdate): MarketTaken | 'replaced' | undefined {
    let replaced = false;
    if (update.epoch !== this.epoch) {
      if (update.seq !== 1) throw new GapInLog(this.partition, 0, update.seq);
      replaced = this.markets.size > 0 || this.epoch !== '';
      this.load({ epoch: update.epoch, seq: 0 }, []);
    } else if (update.seq <= this.seq) return undefined;
    else if (update.seq !== this.seq + 1) throw new GapInLog(this.partition, this.seq, update.seq);
    this.seq = update.seq;
    this.hear(update.at);
    const taken = update.type === 'market' ? this.takeMarket(update) : undefined;
    return replaced ? 'replaced' : taken;
  }

  hear(at: number): void {
    if (at > this.heardAt) this.heardAt = at;
  }

  /** Every market that a filter may choose. */
  *candidates({ values }: MarketFilter): Iterable<LiveMarket> {
    if (!values.events) yield* this.markets.values();
    else for (const event of new Set(values.events)) yield* this.events.get(event) ?? [];
  }

  private takeMarket(update: MarketUpdate): MarketTaken | undefined {
    const known = this.markets.get(update.id);
    if (!known) {
      const market = LiveMarket.from(this.partition, update);
      if (market) this.add(market);
      return (
        market && {
          market,
          seq: update.seq,
          before: undefined,
          defBefore: undefined,
          factsChanged: false,
          visible: true,
        }
      );
    }
    const taken = known.take(update);
    if (!taken) return undefined;
    this.file(known);
    return { market: known, seq: update.seq, ...taken };
  }

  private add(market: LiveMarket): void {
    this.markets.set(market.id, market);
    const { event } = market.book;
    const siblings = this.events.get(event);
    if (siblings) siblings.add(market);
    else this.events.set(event, new Set([market]));
    this.file(market);
  }

  private file(market: LiveMarket): void {
    if (!market.isOver) {
      this.over.delete(market);
      return;
    }
    if (this.over.has(market)) return;
    this.over.add(market);
    const [oldest] = this.over;
    if (this.over.size <= MAX_OVER || !oldest) return;
    this.remove(oldest);
    this.floor = Math.max(this.floor, oldest.marks.st);
  }

  private remove(market: LiveMarket): void {
    this.over.delete(market);
    this.markets.delete(market.id);
    const siblings = this.events.get(market.book.event);
    siblings?.delete(market);
    if (siblings?.size === 0) this.events.delete(market.book.event);
  }
}
