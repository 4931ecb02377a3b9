import { testSeed } from './settings.js';

/** Randomness that the same seed repeats. */
export interface Random {
  /** Stands in every message about what it caused. */
  readonly seed: number;
  /** From 0 to below 1. */
  next(): number;
  /** A whole number, both ends included. */
  integer(min: number, max: number): number;
  pick<T>(options: readonly [T, ...T[]]): T;
}

/** Seeded with the seed of the run, so that a failure found at random can be had again. Algorithm: mulberry32. */
export function seededRandom(seed = testSeed()): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return { seed, next, integer, pick: (options) => options[integer(0, options.length - 1)] ?? options[0] };
}
