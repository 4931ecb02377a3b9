import { Big } from 'big.js';
import {
  compileDimension,
  type ConversionMetric,
  endInOrder,
  fieldTypes,
  keptColumns,
  latestEnd,
  parseDuration,
  ratio,
  windowEnds,
  type WindowEnds,
} from '@paddock/metrics';
import { boundaries, cellOf, placeOf } from './cell-sql.js';
import { entitySql, isPerson, MS, selectEvents } from './entity-sql.js';
import { type Interval, spanOf } from './interval.js';
import {
  UnanswerableQuery,
  type SeriesAnswer,
  type SeriesContext,
  type SeriesQuery,
  toRows,
  ZERO,
} from './series-answer.js';
import type { Point } from './simple-reader.js';
import { windowEndSql } from './window-sql.js';

const LATEST = Date.UTC(2100, 0, 1);

/**
 * Reads a conversion metric: each conversion event is credited to the last base event of the same entity at or before it
 * whose window it lies in, and counted where that base event lies, whatever range is asked for. As in MetricFlow a filter
 * chooses base events before credit is given. Of base events of an entity at the same millisecond the one with the
 * greatest id counts as the last: the order in which the store reads them differs from one reading to the next. Computed
 * from raw events.
 */
export async function readConversion(
  context: SeriesContext,
  metric: ConversionMetric,
  query: SeriesQuery,
): Promise<SeriesAnswer> {
  const { intervals, dimensions = [], filter, keep, timeZone } = query;
  const contract = context.definitions.event(metric.base.event);
  if (!contract) throw new UnanswerableQuery('metric', 'NOT_READY', `${metric.base.event} has no contract yet`);
  const known = (metric.dimensions ?? []).map((dimension, index) =>
    compileDimension(dimension, index, fieldTypes(contract)),
  );
  const chosen = dimensions.map((name, index) => {
    const found = known.find((dimension) => dimension.name === name);
    if (!found)
      throw new UnanswerableQuery(
        `dimensions[${index}]`,
        'UNKNOWN_DIMENSION',
        `${query.metric} has no dimension ${JSON.stringify(name)}`,
      );
    return found;
  });
  const columns = chosen.map(({ column }) => column);
  const span = spanOf(intervals);
  const window = metric.window === undefined ? undefined : parseDuration(metric.window);
  const within: Interval = {
    start: span.start,
    end: window ? Math.min(latestEnd(windowEnds(span, window, timeZone), span) + 1, LATEST) : LATEST,
  };
  const ends = window && windowEnds(within, window, timeZone);
  const entity = entitySql(metric.entity);
  const narrowed = filter
    ? { ...metric.base, filter: metric.base.filter ? { and: [metric.base.filter, filter] } : filter }
    : metric.base;
  const baseColumns = {
    e: entity,
    t: MS,
    id: '_id',
    ...Object.fromEntries(chosen.map(({ cell, column }) => [column, cell])),
  };
  const conversions = selectEvents(
    { e: entity, t: MS, id: '_id' },
    metric.conversion,
    metric.entity,
    within,
    context.definitions,
  );
  // A conversion may belong to a base event after what is asked for, and is then not credited to one of what is asked for.
  const candidates = selectEvents(baseColumns, narrowed, metric.entity, within, context.definitions);
  const lasts = `SELECT e, t, argMax(tuple(${['id', ...columns].join(', ')}), id) AS last FROM (${candidates}) GROUP BY e, t`;
  const credited = `SELECT t, last.1 AS id, cid${columns.map((column, index) => `, last.${index + 2} AS ${column}`).join('')} FROM (${creditedSql(conversions, lasts, ends)}) WHERE t < ${span.end}`;
  const bounds = boundaries(intervals);
  const place = placeOf(intervals, bounds);
  const count = metric.counting === 'converters' ? 'uniqExact(id)' : 'uniqExact(cid)';
  const group = ['p', ...columns.map((column) => `k_${column}`)].join(', ');
  const perPlace = (from: string, what: string): string =>
    `SELECT ${group}, ${what} AS n FROM (SELECT ${[`${place} AS p`, '*', ...keptColumns(columns, keep)].join(', ')} FROM (SELECT *, ${cellOf('t', bounds)} AS cell FROM (${from}))) GROUP BY ${group}`;
  const bases = selectEvents(baseColumns, narrowed, metric.entity, span, context.definitions);
  const [converted, based] = await Promise.all([
    context.engine.select(perPlace(credited, count)),
    context.engine.select(perPlace(bases, 'count()')),
  ]);
  const points = (rows: typeof converted): Point[] =>
    rows.map((row) => ({
      interval: Number(row['p']),
      cells: columns.map((column) => String(row[`k_${column}`])),
      value: new Big(Number(row['n'])),
    }));
  const convertedRows = toRows(points(converted), intervals.length, ZERO);
  const hits = new Map(convertedRows.map((row) => [JSON.stringify(row.cells), row.values]));
  const isRate = metric.calculation === 'conversion_rate';
  // Base events exist even where no entity converted.
  const rows = toRows(points(based), intervals.length, ZERO).map(({ cells, values, hasEvents }) => {
    const counts = hits.get(JSON.stringify(cells)) ?? [];
    const figure = (bottom: Big | null, count: Big): Big | null => (isRate ? ratio(count, bottom) : count);
    return { cells, hasEvents, values: values.map((bottom, index) => figure(bottom, counts[index] ?? ZERO)) };
  });
  // Maturity: the number is open while a counted entity may still convert.
  const persons = isPerson(metric.entity, metric.conversion.event, context.definitions);
  const finality = intervals.map((interval) =>
    context.sources.finality(
      metric.conversion.event,
      interval.start,
      ends ? latestEnd(ends, interval) : interval.end,
      context.now,
      persons,
    ),
  );
  return { rows, nothing: isRate ? null : ZERO, finality, source: 'raw' };
}

/**
 * SELECT of conversions (`cid`) with the time `t` and the columns `last` of the base event that each is credited to.
 * Windows that begin later end later as a rule: then a conversion in any window lies in that of the last base event.
 * Where the calendar breaks that rule (at ends of months, and where clocks go back), the other windows are searched as
 * well.
 */
function creditedSql(conversions: string, lasts: string, ends: readonly WindowEnds[] | undefined): string {
  const latest = `(${conversions}) AS c ASOF INNER JOIN (${lasts}) AS b ON b.e = c.e AND b.t <= c.t`;
  const named = 'b.t AS t, b.last AS last, c.id AS cid';
  if (!ends) return `SELECT ${named} FROM ${latest}`;
  const inWindow = `c.t <= ${windowEndSql('b.t', ends)}`;
  const direct = `SELECT ${named} FROM ${latest} WHERE ${inWindow}`;
  if (endInOrder(ends)) return direct;
  const missed = `SELECT c.e AS e, c.t AS t, c.id AS id FROM ${latest} WHERE NOT (${inWindow})`;
  return `${direct} UNION ALL SELECT max(b.t) AS t, argMax(b.last, b.t) AS last, c.id AS cid FROM (${missed}) AS c INNER JOIN (${lasts}) AS b ON b.e = c.e WHERE b.t <= c.t AND ${inWindow} GROUP BY c.id`;
}
