import type { BrokenAt } from './check-entry.js';
import type { Testimony, Witness } from './head-witness.js';

/** Reads one witness along with the log. */
class Reading {
  private readonly iterator: AsyncIterator<Testimony>;
  private next: Testimony | undefined;
  private ended = false;
  /** The last entry that it knows. */
  lastNumber = 0;

  constructor(readonly witness: Witness) {
    this.iterator = witness.testimonies[Symbol.asyncIterator]();
  }

  /** The error at an entry of the log, according to this witness. */
  async at(entry: { number: number; hash: string }): Promise<BrokenAt | undefined> {
    const next = await this.peek();
    if (!next) return undefined;
    if ('broken' in next) return next.broken.number <= entry.number ? next.broken : undefined;
    if (next.number > entry.number) return undefined;
    this.next = undefined;
    this.lastNumber = next.number;
    if (next.hash === entry.hash) return undefined;
    const message = `entry ${entry.number} is not the one that ${this.witness.name} know: it and every entry after it were rewritten`;
    return { number: entry.number, reason: 'REWRITTEN', message };
  }

  /** The error at the end of the log, according to this witness. */
  async atEnd(lastNumber: number): Promise<BrokenAt | undefined> {
    const next = await this.peek();
    if (!next) return undefined;
    if ('broken' in next) return next.broken;
    const missing = lastNumber + 1;
    const message = `the log ends with entry ${lastNumber}, but ${this.witness.name} know entry ${next.number}: the entries from ${missing} on were deleted`;
    return { number: missing, reason: 'TRUNCATED', message };
  }

  private async peek(): Promise<Testimony | undefined> {
    if (!this.next && !this.ended) {
      const { value, done } = await this.iterator.next();
      if (done) this.ended = true;
      else this.next = value;
    }
    return this.next;
  }
}

/** Compares the entries of a log, one after the other, with what witnesses know of them. */
export class Witnesses {
  private readonly readings: Reading[];

  constructor(witnesses: readonly Witness[]) {
    this.readings = witnesses.map((witness) => new Reading(witness));
  }

  async at(entry: { number: number; hash: string }): Promise<BrokenAt | undefined> {
    return first(await Promise.all(this.readings.map((reading) => reading.at(entry))));
  }

  async atEnd(lastNumber: number): Promise<BrokenAt | undefined> {
    return first(await Promise.all(this.readings.map((reading) => reading.atEnd(lastNumber))));
  }

  /** The last entry that one of them knows. */
  get lastNumber(): number {
    return Math.max(0, ...this.readings.map(({ lastNumber }) => lastNumber));
  }
}

/** The one with the smallest number: from there on the log cannot be trusted. */
function first(found: readonly (BrokenAt | undefined)[]): BrokenAt | undefined {
  return found.filter((broken) => broken !== undefined).sort((a, b) => a.number - b.number)[0];
}
