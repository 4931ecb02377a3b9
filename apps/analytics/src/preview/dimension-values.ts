import {
  type Catalogue,
  compileSimple,
  instantLiteral,
  type MetricPreview,
  selectAs,
  type SimpleMetric,
} from '@paddock/metrics';
import type { Interval } from '../queries/interval.js';
import type { Engine } from '../store/engine.js';
import { rawTable } from '../store/raw-table.js';

/**
 * How many values each dimension of a metric had within a time. It shows whether the dimension's limit is wide enough.
 */
export async function dimensionValues(
  engine: Engine,
  metric: SimpleMetric,
  catalogue: Catalogue,
  { start, end }: Interval,
): Promise<MetricPreview['dimensions']> {
  const contract = catalogue.event(metric.event);
  const { dimensions, condition } = contract ? compileSimple(metric, contract) : { dimensions: [], condition: '1' };
  if (dimensions.length === 0) return [];
  const counts = Object.fromEntries(dimensions.map(({ cell, column }) => [column, `uniqCombined64(14)(${cell})`]));
  const during = `_time >= ${instantLiteral(start)} AND _time < ${instantLiteral(end)}`;
  const [row] = await engine.select(
    selectAs(counts, `FROM ${rawTable(metric.event)} WHERE ${during} AND ${condition}`),
  );
  return dimensions.map(({ name, column, maxCardinality: limit }) => ({
    name,
    limit,
    values: Number(row?.[column] ?? 0),
  }));
}
