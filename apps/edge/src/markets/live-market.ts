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

/** The `seq` at which each part of a market last changed: with it the changes since any `seq` are computed. */
interface MarketMarks {
  /** The market appeared. */
  first: number;
  /** Everything was replaced. */
  img: number;
  st: number;
  ip: number;
  def: number;
  /** The fields that filters and rules match changed. */
  facts: number;
}

/** What an update changed. */
export interface Taken {
  /** The status before; `undefined` for a market that was not known. */
  readonly before: MarketStatus | undefined;
  /** The definition before. */
  readonly defBefore: MarketDefinition | undefined;
  /** The fields that filters and rules match changed. */
  readonly factsChanged: boolean;
  /** Do readers see any of it? They do not see prices of a market that is not open. */
  readonly visible: boolean;
}

/**
 * A market as the log has it, and the `seq` at which each part last changed. From these marks the changes since any `seq`
 * are computed: no frames are kept for disconnected readers, however long they stay away.
 */
export class LiveMarket {
  readonly runnerMarks = new Map<string, RunnerMarks>();
  readonly marks: MarketMarks;
  /** The `v` of the newest update that readers see: the same for all of them, whatever their window. */
  version: number;

  private constructor(
    readonly partition: number,
    public book: MarketBook,
    seq: number,
  ) {
    this.version = book.v;
    this.marks = { first: seq, img: seq, st: seq, ip: seq, def: seq, facts: seq };
  }

  /** A market from a snapshot at `seq`. */
  static of(partition: number, book: MarketBook, seq: number): LiveMarket {
    return new LiveMarket(partition, book, seq);
  }

  /** A market from its first update; `undefined` when the update is only a change. */
  static from(partition: number, update: MarketUpdate): LiveMarket | undefined {
    const book = applyMarketUpdate(undefined, update);
    return book && new LiveMarket(partition, book, update.seq);
  }

  get id(): string {
    return this.book.id;
  }

  /** The market no longer takes bets, unless its settlement is rolled back. */
  get isOver(): boolean {
    return isOver(this.book.st);
  }

  /** Applies an update; `undefined` when it is a repetition. */
  take(update: MarketUpdate): Taken | undefined {
    const { book, marks, isOver } = this;
    const next = applyMarketUpdate(book, update);
    if (!next || next === book) return undefined;
    this.book = next;
    const { seq } = update;
    // Readers do not have the prices of a market that reopens, and do not have a market that comes back.
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

  /** Returns whether readers see any of the changes. */
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

/** A market of this status no longer takes bets. */
export function isOver(st: MarketStatus): boolean {
  return st === 'CLOSED' || st === 'SETTLED' || st === 'CANCELLED';
}

/** The fields that filters and rules match, as text. */
function factsOf(def: MarketDefinition | undefined): string {
  return def ? JSON.stringify([def.sport, def.competition, def.event, def.type]) : '';
}
