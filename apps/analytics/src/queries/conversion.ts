import { Big } from 'big.js';
import { compileDimension, type ConversionMetric, durationMs, fieldTypes, keptColumns, parseDuration, ratio } from '#metrics';
import { boundaries, cellOf, placeOf } from './cell-sql.js';
import { entitySql, MS, selectEvents } from './entity-sql.js';
import { type Interval, spanOf } from './interval.js';
import { BadQuestion, type SeriesAnswer, type SeriesContext, type SeriesQuestion, toRows } from './series-answer.js';
import type { Point } from './simple-reader.js';

const FOR_EVER_MS = 100 * 365 * 86_400_000;

/**
 * Reads a conversion metric: each conversion event is credited to the last base event of the same entity before it, not
 * longer ago than the window, and counted where that base event lies. As in MetricFlow a filter chooses base events
 * before credit is given. Of base events of an entity at the same millisecond the one with the greatest id counts as the
 * last: the order in which the store reads them differs from one reading to the next. Computed from raw events.
 */
export async function readConversion(context: SeriesContext, metric: ConversionMetric, question: SeriesQuestion): Promise<SeriesAnswer> {
  const { intervals, dimensions = [], filter, keep } = question;
  const contract = context.definitions.event(metric.base.event);
  if (!contract) throw new BadQuestion('metric', 'NOT_READY', `${metric.base.event} has no contract yet`);
  const window = metric.window === undefined ? undefined : parseDuration(metric.window);
  const windowMs = window ? durationMs(window) : FOR_EVER_MS;
  const known = (metric.dimensions ?? []).map((dimension, index) => compileDimension(dimension, index, fieldTypes(contract)));
  const chosen = dimensions.map((name, index) => {
    const found = known.find((dimension) => dimension.name === name);
    if (!found) throw new BadQuestion(`dimensions[${index}]`, 'UNKNOWN_DIMENSION', `${question.metric} has no dimension ${JSON.stringify(name)}`);
    return found;
  });
  const span = spanOf(intervals);
  const after: Interval = { start: span.start, end: Math.min(span.end + windowMs + 1, Date.UTC(2100, 0, 1)) };
  const columns = chosen.map(({ column }) => column);
  const entity = entitySql(metric.entity);
  const narrowed = filter ? { ...metric.base, filter: metric.base.filter ? { and: [metric.base.filter, filter] } : filter } : metric.base;
  const bases = selectEvents({ e: entity, t: MS, id: '_id', ...Object.fromEntries(chosen.map(({ cell, column }) => [column, cell])) }, narrowed, metric.entity, span, context.definitions);
  const conversions = selectEvents({ e: entity, t: MS, id: '_id' }, metric.conversion, metric.entity, after, context.definitions);
  const bounds = boundaries(intervals);
  const lasts = `SELECT e, t, argMax(tuple(${['id', ...columns].join(', ')}), id) AS last FROM (${bases}) GROUP BY e, t`;
  const credited = `SELECT b.t AS t, b.last.1 AS id, c.id AS cid${columns.map((column, index) => `, b.last.${index + 2} AS ${column}`).join('')} FROM (${conversions}) AS c ASOF INNER JOIN (${lasts}) AS b ON b.e = c.e AND b.t <= c.t WHERE c.t - b.t <= ${windowMs}`;
  const place = placeOf(intervals, bounds);
  const count = metric.counting === 'converters' ? 'uniqExact(id)' : 'uniqExact(cid)';
  const group = ['p', ...columns.map((column) => `k_${column}`)].join(', ');
  const perPlace = (from: string, what: string): string => `SELECT ${group}, ${what} AS n FROM (SELECT ${[`${place} AS p`, '*', ...keptColumns(columns, keep)].join(', ')} FROM (SELECT *, ${cellOf('t', bounds)} AS cell FROM (${from}))) GROUP BY ${group}`;
  const [converted, based] = await Promise.all([context.engine.select(perPlace(credited, count)), context.engine.select(perPlace(bases, 'count()'))]);
  const points = (rows: typeof converted): Point[] => rows.map((row) => ({ interval: Number(row['p']), cells: columns.map((column) => String(row[`k_${column}`])), value: new Big(Number(row['n'])) }));
  const conversionRows = toRows(points(converted), intervals.length, true);
  const rows = metric.calculation === 'conversions' ? conversionRows : toRows(points(based), intervals.length, true).map(({ cells, values }) => {
    const hits = conversionRows.find((row) => JSON.stringify(row.cells) === JSON.stringify(cells));
    return { cells, values: values.map((bottom, index) => ratio(hits?.values[index] ?? new Big(0), bottom)) };
  });
  // Maturity: as long as somebody who was counted may still convert, the number is open.
  const finality = intervals.map(({ start, end }) => context.sources.finality(metric.conversion.event, start, window ? end + windowMs : end, context.now));
  return { rows, finality, source: 'raw' };
}
