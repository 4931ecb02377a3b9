import { Big } from 'big.js';
import type { Figure, Recomputed } from './recompute.js';

/** Why two figures of a window differ: NONE when they do not, UNEXPLAINED when no known fact explains it. */
export const CAUSES = ['NONE', 'LATE', 'DUPLICATE', 'REFUSED', 'PENDING', 'UNEXPLAINED'] as const;
export type Cause = (typeof CAUSES)[number];

/** Two figures of one window. */
export interface Comparison {
  expected: Big | null;
  served: Big | null;
  delta: Big | null;
  cause: Cause;
}

/** Facts about a window besides its figures. */
export interface WindowFacts {
  /** It still gets events, or some are not computed yet. */
  pending: boolean;
  /** Events that were refused while it was open. */
  refused: number;
}

/** Compares the served figure with the recomputation; `facts` are fetched only where they differ. */
export async function compareRecomputed(
  recomputed: Recomputed,
  served: Big | null,
  facts: () => Promise<WindowFacts>,
): Promise<Comparison> {
  const { value, low, high } = recomputed;
  const within = served !== null && low !== null && high !== null && served.gte(low) && served.lte(high);
  const figures = { expected: value, served, delta: minus(served, value) };
  if (within || isSame(value, served)) return { ...figures, cause: 'NONE' };
  return { ...figures, cause: (await facts()).pending ? 'PENDING' : 'UNEXPLAINED' };
}

/** A batch's figure for a window. */
export interface BatchFigure {
  /** `null` for an empty cell or NULL. */
  value: Big | null;
  /** How many digits the figure has after the point. */
  digits: number;
}

/** The kind of figure in a batch. */
interface FigureKind {
  /** A mean or a ratio, which a batch can often write in rounded form only. */
  isQuotient: boolean;
}

/** A batch with fewer digits after the point may have cut off any fraction. */
const MIN_ROUNDED_DIGITS = 2;

/**
 * Compares the served figure with an old batch's figure, and looks for the cause of a difference: events received after
 * the batch ran, events that the batch counted twice, or events that are refused here and were accepted there.
 */
export async function compareBatch(
  batch: BatchFigure,
  recomputed: Recomputed,
  served: Big | null,
  { isQuotient }: FigureKind,
  facts: () => Promise<WindowFacts>,
): Promise<Comparison> {
  const delta = minus(served, batch.value);
  const figures = { expected: batch.value, served, delta };
  const { onTime, withCopies } = recomputed;
  const isEmpty = recomputed.isEmpty && (served === null || served.eq(0));
  if (says(batch, { ...recomputed, value: served, isEmpty }, isQuotient)) return { ...figures, cause: 'NONE' };
  const { pending, refused } = await facts();
  if (pending) return { ...figures, cause: 'PENDING' };
  if (says(batch, onTime, isQuotient)) return { ...figures, cause: 'LATE' };
  if (withCopies !== null && isSame(batch.value, withCopies)) return { ...figures, cause: 'DUPLICATE' };
  if (withCopies !== null && refused > 0 && delta !== null && delta.eq(-refused))
    return { ...figures, cause: 'REFUSED' };
  return { ...figures, cause: 'UNEXPLAINED' };
}

/**
 * Whether a batch agrees with a figure. The sum of nothing is 0 in some batches and NULL in others: where there was
 * nothing to aggregate, both are right for every aggregation.
 */
function says({ value: said, digits }: BatchFigure, figure: Figure, isQuotient: boolean): boolean {
  const { value, low, high, isEmpty } = figure;
  if (isEmpty) return said === null || said.eq(0);
  if (said === null || value === null) return said === value;
  if (said.eq(value)) return true;
  const slack = low === null || high === null ? new Big(0) : high.minus(low);
  if (slack.gt(0) && said.minus(value).abs().lte(slack)) return true;
  if (!isQuotient || digits < MIN_ROUNDED_DIGITS) return false;
  return ROUNDINGS.some((rounding) => value.round(digits, rounding).eq(said));
}

/** Databases round halves up, or to the even digit. */
const ROUNDINGS = [1, 2] as const;

function isSame(a: Big | null, b: Big | null): boolean {
  return a === null || b === null ? a === b : a.eq(b);
}

function minus(a: Big | null, b: Big | null): Big | null {
  return a === null || b === null ? null : a.minus(b);
}
