import { type Big } from 'big.js';
import { type Finish, OTHER_CELL } from '@paddock/metrics';
import type { SeriesRow } from './series-answer.js';

/** The most values that are combined here. Beyond that, the engine finds the largest and merges the rest. */
export const MAX_FOLDED = 20_000;

/** Whether the figures of several combinations add up. Distinct counts, extremes and means do not. */
export function addsUp(finish: Finish | undefined): boolean {
  return finish === 'count' || finish === 'sum';
}

/** Rows of combinations that can be among the largest. The rollup's "other" row cannot. */
export function named(rows: readonly SeriesRow[]): SeriesRow[] {
  return rows.filter(({ cells }) => !isRest(cells));
}

export function isRest(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => cell === OTHER_CELL);
}

/**
 * Orders rows by a size, the largest first, those without one last. Equal sizes are ordered by their cells, byte by
 * byte as in the engine, so that a limit cuts at the same place however the answer is read.
 */
export function bySize(size: (row: SeriesRow) => Big | null | undefined): (a: SeriesRow, b: SeriesRow) => number {
  return (a, b) => descending(size(a), size(b)) || compareCells(a.cells, b.cells);
}

function descending(a: Big | null | undefined, b: Big | null | undefined): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  return b.cmp(a);
}

function compareCells(a: readonly string[], b: readonly string[]): number {
  const differing = a.findIndex((cell, index) => cell !== b[index]);
  return differing < 0 ? 0 : Buffer.compare(Buffer.from(a[differing] ?? ''), Buffer.from(b[differing] ?? ''));
}

/** The sum of the values that exist; `null` where there are none. */
export function total(values: readonly (Big | null)[]): Big | null {
  return values.reduce<Big | null>(
    (sum, value) => (value === null ? sum : sum === null ? value : sum.plus(value)),
    null,
  );
}

/**
 * For figures that add up: keeps the `limit` largest combinations over the whole time, and folds all others into one
 * row whose cells are all "other". `keep` names those kept; it is missing where there are no others.
 */
export function foldRest(
  rows: readonly SeriesRow[],
  limit: number,
): { rows: SeriesRow[]; keep: string[][] | undefined } {
  if (rows.length <= limit) return { rows: [...rows], keep: undefined };
  const totals = new Map(rows.map((row) => [row, total(row.values)]));
  const largest = new Set(
    named(rows)
      .sort(bySize((row) => totals.get(row)))
      .slice(0, limit),
  );
  const [kept, others] = [rows.filter((row) => largest.has(row)), rows.filter((row) => !largest.has(row))];
  const { cells = [], values = [] } = rows[0] ?? {};
  const rest: SeriesRow = {
    cells: cells.map(() => OTHER_CELL),
    values: values.map((_, index) => total(others.map((row) => row.values[index] ?? null))),
    hasEvents: values.map((_, index) => others.some(({ hasEvents }) => hasEvents[index])),
  };
  return { rows: [...kept, rest], keep: kept.map(({ cells }) => cells) };
}
