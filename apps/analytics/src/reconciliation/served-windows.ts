import type { Big } from 'big.js';
import { MISSING_CELL, OTHER_CELL } from '@paddock/metrics';
import { bySize } from '../queries/fold-rest.js';
import type { Interval } from '../queries/interval.js';
import { readSeries } from '../queries/series.js';
import type { SeriesContext } from '../queries/series-answer.js';
import { cellsOf, type Split } from './split.js';

/**
 * The served figures of windows of a metric, or of a part of it: the same as in a query that splits by those
 * dimensions.
 */
export async function readServed(
  context: SeriesContext,
  metric: string,
  intervals: readonly Interval[],
  split: Split,
): Promise<(Big | null)[]> {
  const query = { metric, intervals, timeZone: 'UTC' };
  if (split.length === 0) return (await readSeries(context, query)).rows[0]?.values ?? [];
  const cells = cellsOf(split);
  const [part] = split;
  const keep = part && 'others' in part ? part.others.map((value) => [`v${value}`]) : [cells];
  const { rows, nothing } = await readSeries(context, { ...query, dimensions: split.map(({ name }) => name), keep });
  return (
    rows.find((row) => row.cells.every((cell, index) => cell === cells[index]))?.values ?? intervals.map(() => nothing)
  );
}

/** The largest values of a dimension over a time, each as a part to compare, and all others together as one more. */
export async function largestParts(
  context: SeriesContext,
  metric: string,
  range: Interval,
  dimension: string,
  top: number,
): Promise<Split[]> {
  const { rows } = await readSeries(context, { metric, intervals: [range], timeZone: 'UTC', dimensions: [dimension] });
  const values = rows
    .filter(({ cells: [cell] }) => cell !== MISSING_CELL && cell !== OTHER_CELL)
    .sort(bySize(({ values: [value] }) => value))
    .slice(0, top)
    .flatMap(({ cells: [cell] }) => cell?.slice(1) ?? []);
  return [...values.map((value): Split => [{ name: dimension, value }]), [{ name: dimension, others: values }]];
}
