import { compare, type Decimal, decimal, format } from '../../../../../test/reference-model/decimal.js';
import type { Figure } from '../../../../../test/reference-model/figure.js';

/** A place where the two sides differ. */
export interface Difference {
  readonly at: string;
  readonly expected: string;
  readonly answered: string;
}

/** The result of comparing one query. */
export class Comparison {
  /** Figures that were compared; of those, the ones that are neither 0 nor null. */
  compared = 0;
  informative = 0;
  readonly differences: Difference[] = [];

  figure(at: string, expected: Figure | null, answered: string | number | null): void {
    this.compared += 1;
    if (expected !== null && !isNothing(expected)) this.informative += 1;
    const equal =
      expected === null || answered === null
        ? expected === answered
        : isWithin(decimal(answered), expected, typeof answered === 'number');
    if (!equal) this.differ(at, expected === null ? null : shown(expected), answered);
  }

  number(at: string, expected: number | null, answered: number | null): void {
    this.compared += 1;
    if (expected !== null && expected !== 0) this.informative += 1;
    if (expected !== answered && !isClose(expected, answered)) this.differ(at, expected, answered);
  }

  same(at: string, expected: unknown, answered: unknown): void {
    if (JSON.stringify(expected) !== JSON.stringify(answered))
      this.differ(at, JSON.stringify(expected), JSON.stringify(answered));
  }

  private differ(at: string, expected: string | number | null, answered: string | number | null): void {
    this.differences.push({ at, expected: String(expected), answered: String(answered) });
  }
}

/** Whether a figure only states that there were no events. */
export function isNothing({ low, high }: Figure, fill = 0): boolean {
  return [0, fill].some((nothing) => compare(low, decimal(nothing)) === 0 && compare(high, decimal(nothing)) === 0);
}

/** A number of JSON stands for the exact one that is nearest to it. */
function isWithin(value: Decimal, { low, high }: Figure, rounded: boolean): boolean {
  if (compare(value, low) >= 0 && compare(value, high) <= 0) return true;
  return rounded && Number(format(value)) >= Number(format(low)) && Number(format(value)) <= Number(format(high));
}

function isClose(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

function shown({ low, high }: Figure): string {
  return compare(low, high) === 0 ? format(low) : `${format(low)} to ${format(high)}`;
}
