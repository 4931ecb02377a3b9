import { add, compare, type Decimal, divide, multiply, negate, ZERO } from './decimal.js';

/** The value of a metric: a number, or where it is read from a sketch the bounds that it must lie in. */
export interface Figure {
  readonly low: Decimal;
  readonly high: Decimal;
}

/** A figure that was computed from a sketch cannot be divided by: its bounds may hold 0. */
export class Undecidable extends Error {}

export function exactly(value: Decimal): Figure {
  return { low: value, high: value };
}

export function isExact({ low, high }: Figure): boolean {
  return compare(low, high) === 0;
}

export function plus(a: Figure, b: Figure): Figure {
  return { low: add(a.low, b.low), high: add(a.high, b.high) };
}

export function negative({ low, high }: Figure): Figure {
  return { low: negate(high), high: negate(low) };
}

export function times(a: Figure, b: Figure): Figure {
  return bounds([multiply(a.low, b.low), multiply(a.low, b.high), multiply(a.high, b.low), multiply(a.high, b.high)]);
}

/** Null where the divisor is 0. */
export function over(a: Figure, b: Figure): Figure | null {
  if (!isExact(b)) throw new Undecidable();
  return compare(b.low, ZERO) === 0 ? null : bounds([divide(a.low, b.low), divide(a.high, b.low)]);
}

function bounds(values: readonly Decimal[]): Figure {
  const [first = ZERO, ...rest] = values;
  return rest.reduce<Figure>(
    ({ low, high }, value) => ({
      low: compare(value, low) < 0 ? value : low,
      high: compare(value, high) > 0 ? value : high,
    }),
    exactly(first),
  );
}
