import type { Big } from 'big.js';
import type { Recomputed } from './recompute.js';

/** Why two figures of a window differ: NONE when they do not, UNEXPLAINED when nothing that is known accounts for it. */
export const CAUSES = ['NONE', 'LATE', 'DUPLICATE', 'REFUSED', 'PENDING', 'UNEXPLAINED'] as const;
export type Cause = (typeof CAUSES)[number];

/** Two figures of one window. */
export interface Comparison {
  expected: Big | null;
  served: Big | null;
  delta: Big | null;
  cause: Cause;
}

/** What is known of a window besides its figures. */
export interface WindowFacts {
  /** It still gets events, or some were not computed yet. */
  pending: boolean;
  /** Events that were refused while it was open. */
  refused: number;
}

/** Compares what is served with the recomputation; `facts` are looked up only where these differ. */
export async function compareRecomputed(recomputed: Recomputed, served: Big | null, facts: () => Promise<WindowFacts>): Promise<Comparison> {
  const { value, low, high } = recomputed;
  const within = served !== null && low !== null && high !== null && served.gte(low) && served.lte(high);
  const figures = { expected: value, served, delta: minus(served, value) };
  if (within || isSame(value, served)) return { ...figures, cause: 'NONE' };
  return { ...figures, cause: (await facts()).pending ? 'PENDING' : 'UNEXPLAINED' };
}

/**
 * Compares what is served with what an old batch said, and looks for what accounts for the difference: events that came
 * after the batch ran, events that it counted twice, events that are refused here and were not there.
 */
export async function compareBatch(batch: Big, recomputed: Recomputed, served: Big | null, facts: () => Promise<WindowFacts>): Promise<Comparison> {
  const delta = minus(served, batch);
  const figures = { expected: batch, served, delta };
  const { low, high, value, onTime, withCopies } = recomputed;
  const slack = low !== null && high !== null && value !== null ? high.minus(low) : undefined;
  if (isSame(batch, served) || (slack?.gt(0) && delta?.abs().lte(slack))) return { ...figures, cause: 'NONE' };
  const { pending, refused } = await facts();
  if (pending) return { ...figures, cause: 'PENDING' };
  if (onTime !== null && isSame(batch, onTime)) return { ...figures, cause: 'LATE' };
  if (withCopies !== null && isSame(batch, withCopies)) return { ...figures, cause: 'DUPLICATE' };
  if (withCopies !== null && refused > 0 && delta !== null && delta.eq(-refused)) return { ...figures, cause: 'REFUSED' };
  return { ...figures, cause: 'UNEXPLAINED' };
}

function isSame(a: Big | null, b: Big | null): boolean {
  return a === null || b === null ? a === b : a.eq(b);
}

function minus(a: Big | null, b: Big | null): Big | null {
  return a === null || b === null ? null : a.minus(b);
}
