import {
  applyMarketUpdate,
  type FeedDownReason,
  type MarketBook,
  type MarketUpdate,
  type OddsUpdate,
} from '@paddock/contracts';

/** A feed's state in a partition. */
export interface FeedState {
  readonly up: boolean;
  /** When it went down: changes received earlier do not make a market fresh. */
  readonly downAt: number;
  /** When it was complete again. */
  readonly upAt?: number;
  readonly reason?: FeedDownReason;
}

/** The members that a record gets when it is written; the others are decided. */
type Stamp = 'seq' | 'epoch' | 'in' | 'at' | 'v';

/** A record that was decided and is not yet written. */
export type Draft = OddsUpdate extends infer Update ? (Update extends OddsUpdate ? Omit<Update, Stamp> : never) : never;

/** A market's part of it. */
export type MarketDraft = Omit<MarketUpdate, Stamp>;

/** What caused a record: the position read last in the input, and the clock. */
export interface Cause {
  readonly in: string | undefined;
  readonly at: number;
}

/**
 * Everything that is known of one partition: the sum of its records. Drafts are decided from it by pure functions
 * (`decide.ts`), written by {@link Shard.write}, and come in again through {@link Shard.apply} when the log is read.
 */
export class Shard {
  readonly books = new Map<string, MarketBook>();
  readonly feeds = new Map<string, FeedState>();
  private readonly events = new Map<string, Set<string>>();

  constructor(
    /** Names the history that `seq` counts. */
    public epoch: string,
    public seq = 0,
  ) {}

  /** The books of an event. */
  ofEvent(event: string): MarketBook[] {
    return [...(this.events.get(event) ?? [])].flatMap((id) => this.books.get(id) ?? []);
  }

  /** The books of a feed. */
  ofFeed(feed: string): MarketBook[] {
    return [...this.books.values()].filter((book) => book.feed === feed);
  }

  feed(feed: string): FeedState {
    return this.feeds.get(feed) ?? { up: true, downAt: 0 };
  }

  /** Adds a book from MySQL. */
  restore(book: MarketBook): void {
    this.books.set(book.id, book);
    const event = this.events.get(book.event);
    if (event) event.add(book.id);
    else this.events.set(book.event, new Set([book.id]));
  }

  /** Numbers the drafts, applies them and returns them as records. */
  write(drafts: readonly Draft[], { in: position, at }: Cause): OddsUpdate[] {
    return drafts.map((draft) => {
      const stamp = { seq: this.seq + 1, epoch: this.epoch, ...(position === undefined ? {} : { in: position }), at };
      const update =
        draft.type === 'market'
          ? { ...draft, ...stamp, v: (this.books.get(draft.id)?.v ?? 0) + 1 }
          : { ...draft, ...stamp };
      this.apply(update);
      return update;
    });
  }

  /** Applies a record. Records that were applied before change nothing. */
  apply(update: OddsUpdate): void {
    if (update.epoch === this.epoch && update.seq <= this.seq) return;
    this.epoch = update.epoch;
    this.seq = update.seq;
    if (update.type === 'feed') {
      const { up, at, reason } = update;
      this.feeds.set(update.feed, {
        up,
        downAt: up ? this.feed(update.feed).downAt : at,
        ...(up ? { upAt: at } : {}),
        ...(reason ? { reason } : {}),
      });
    }
    if (update.type !== 'market') return;
    const book = applyMarketUpdate(this.books.get(update.id), update);
    if (book) this.restore(book);
  }

  /** Drops a book that is stored in MySQL. */
  forget(id: string): void {
    const book = this.books.get(id);
    if (!book) return;
    this.books.delete(id);
    const event = this.events.get(book.event);
    event?.delete(id);
    if (event?.size === 0) this.events.delete(book.event);
  }
}
