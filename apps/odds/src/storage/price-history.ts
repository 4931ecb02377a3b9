import { type MarketBook, type MarketUpdate, runnerKey, type Thousandths } from '@paddock/contracts';

/** How the price of a runner moved within one minute. */
export interface PriceSpan {
  readonly market: string;
  readonly runner: string;
  /** When the minute begins, in milliseconds. */
  readonly begin: number;
  readonly open: Thousandths;
  readonly high: Thousandths;
  readonly low: Thousandths;
  readonly close: Thousandths;
}

const MINUTE_MS = 60_000;

/** Limit of minutes that wait while the store is unreachable: about 100 MB. The oldest are dropped first. */
const MAX_WAITING = 400_000;

/** Aggregates open prices by minute, so that the size of the history does not depend on the rate of changes. */
export class PriceHistory {
  private waiting = new Map<string, PriceSpan>();

  /** Adds an update; `book` is the book after it. */
  take(update: MarketUpdate, book: MarketBook): void {
    if (book.st !== 'OPEN') return;
    const begin = Math.floor(update.at / MINUTE_MS) * MINUTE_MS;
    for (const changed of update.r ?? []) {
      const { p } = changed;
      if (p === null || p === undefined) continue;
      this.merge({ market: book.id, runner: runnerKey(changed), begin, open: p, high: p, low: p, close: p });
    }
  }

  /** Returns and removes the collected minutes. */
  drain(): PriceSpan[] {
    const spans = [...this.waiting.values()];
    this.waiting = new Map();
    return spans;
  }

  /** Puts back minutes that could not be stored. */
  restore(spans: readonly PriceSpan[]): void {
    const newer = this.waiting;
    this.waiting = new Map();
    for (const span of spans) this.merge(span);
    for (const span of newer.values()) this.merge(span);
  }

  private merge(span: PriceSpan): void {
    const key = `${span.market}\n${span.runner}\n${span.begin}`;
    const before = this.waiting.get(key);
    this.waiting.set(
      key,
      before
        ? { ...before, high: Math.max(before.high, span.high), low: Math.min(before.low, span.low), close: span.close }
        : span,
    );
    if (this.waiting.size <= MAX_WAITING) return;
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined) this.waiting.delete(oldest);
  }
}
