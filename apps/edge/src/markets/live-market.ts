import {
  applyMarketUpdate,
  type MarketBook,
  type MarketDefinition,
  type MarketStatus,
  type MarketUpdate,
  runnerKey,
} from '@paddock/contracts';

/** The `seq` at which each part of a runner last changed. */
export interface RunnerMarks {
  st: number;
  p: number;
  lay: number;
  ltp: number;
  sp: number;
}

const RUNNER_PARTS = ['st', 'p', 'lay', 'ltp', 'sp'] as const;

/** The `seq` at which each part of a market last changed; what a reader that stopped anywhere has missed follows from it. */
interface MarketMarks {
  /** It was not known before. */
  first: number;
  /** Everything was replaced. */
  img: number;
  st: number;
  ip: number;
  def: number;
  /** What filters and rules go by. */
  facts: number;
}

/** What an update did, for those who pass it on. */
export interface Taken {
  /** The status before; `undefined` for a market that was not known. */
  readonly before: MarketStatus | undefined;
  /** What the market was about before. */
  readonly defBefore: MarketDefinition | undefined;
  /** Filters and rules may see another market now. */
  readonly factsChanged: boolean;
  /** Is any of it for readers? Prices of a market that is not open are not. */
  readonly visible: boolean;
}

/**
 * A market as the log has it, and when each part of it changed. With the marks, everything that was missed since any
 * `seq` is one look at the market: no frame is kept, for nobody, however long they are away.
 */
export class LiveMarket {
  readonly runnerMarks = new Map<string, RunnerMarks>();
  readonly marks: MarketMarks;
  /** The `v` of the newest update that was for readers: the same for all of them, however much was sent as one. */
  version: number;

  private constructor(
    readonly partition: number,
    public book: MarketBook,
    seq: number,
  ) {
    this.version = book.v;
    this.marks = { first: seq, img: seq, st: seq, ip: seq, def: seq, facts: seq };
  }

  /** A market that was read whole, at `seq`. */
  static of(partition: number, book: MarketBook, seq: number): LiveMarket {
    return new LiveMarket(partition, book, seq);
  }

  /** A market that an update makes known; `undefined` when the update says only what changed. */
  static from(partition: number, update: MarketUpdate): LiveMarket | undefined {
    const book = applyMarketUpdate(undefined, update);
    return book && new LiveMarket(partition, book, update.seq);
  }

  get id(): string {
    return this.book.id;
  }

  /** Nobody can bet on it any more, unless its settlement is rolled back. */
  get isOver(): boolean {
    return isOver(this.book.st);
  }

  /** Takes an update in; `undefined` when it is a repetition. */
  take(update: MarketUpdate): Taken | undefined {
    const { book, marks, isOver } = this;
    const next = applyMarketUpdate(book, update);
    if (!next || next === book) return undefined;
    this.book = next;
    const { seq } = update;
    // What reopens or comes back has readers who know nothing of its prices or of it.
    const whole = update.img === true || (next.st === 'OPEN' && book.st !== 'OPEN') || (isOver && !this.isOver);
    if (whole) {
      marks.img = seq;
      this.runnerMarks.clear();
    }
    const runners = !whole && this.markRunners(book, update, seq);
    const status = next.st !== book.st || next.sr !== book.sr;
    const inPlay = next.ip !== book.ip;
    const definition = next.def !== book.def;
    if (status) marks.st = seq;
    if (inPlay) marks.ip = seq;
    if (definition) marks.def = seq;
    const factsChanged = definition && factsOf(next.def) !== factsOf(book.def);
    if (factsChanged) marks.facts = seq;
    const visible = whole || runners || status || inPlay || definition;
    if (visible) this.version = next.v;
    return { before: book.st, defBefore: book.def, factsChanged, visible };
  }

  /** Says whether any of it is for readers. */
  private markRunners({ runners }: MarketBook, { r }: MarketUpdate, seq: number): boolean {
    const open = this.book.st === 'OPEN';
    let visible = false;
    for (const change of r ?? []) {
      const key = runnerKey(change);
      const before = runners[key];
      let marks = this.runnerMarks.get(key);
      if (!marks) this.runnerMarks.set(key, (marks = { st: 0, p: 0, lay: 0, ltp: 0, sp: 0 }));
      for (const part of RUNNER_PARTS) {
        if (before && !(part in change && change[part] !== before[part])) continue;
        marks[part] = seq;
        visible ||= open || part === 'st';
      }
    }
    return visible;
  }
}

/** Nobody can bet on a market of this status any more. */
export function isOver(st: MarketStatus): boolean {
  return st === 'CLOSED' || st === 'SETTLED' || st === 'CANCELLED';
}

/** What filters and rules go by, as text. */
function factsOf(def: MarketDefinition | undefined): string {
  return def ? JSON.stringify([def.sport, def.competition, def.event, def.type]) : '';
}
