import type { Big } from 'big.js';
import {
  type Columns,
  compileFilter,
  type CompiledSimple,
  type Filter,
  finish,
  type Form,
  type MergeOptions,
  narrowed,
  selectAlone,
  selectFromRaw,
  selectFromRollup,
  selectHourValues,
  selectMerged,
  type StatesQuestion,
  UnknownColumn,
} from '@paddock/metrics';
import { insideCondition, type MinuteRange, outsideCondition, second } from '../processor/minute-ranges.js';
import type { Rollup } from '../processor/rollup.js';
import type { Engine, Row } from '../store/engine.js';
import { rawTable } from '../store/raw-table.js';
import { WINDOW_MS } from '../store/store.js';
import { boundaries, type Placement, placement } from './cell-sql.js';
import { eventTimes } from './event-times.js';
import { type Interval, spanOf } from './interval.js';
import { covers, gaps, HOUR_MS, minutesToRead, rawRanges, rowsAtMost } from './read-ranges.js';

/** The value of a metric for one interval and one combination of dimension cells. */
export interface Point {
  /** Index of the interval. */
  interval: number;
  cells: string[];
  value: Big | null;
}

/** The source of an answer, shown with it because the cost depends on it. */
export interface ReadPlan {
  sql: string;
  /** `rollup`: none of it from raw events; `raw`: all; `mixed`: windows that are open or were just changed from raw events. */
  source: 'rollup' | 'raw' | 'mixed';
  /** An estimate of the rows that are read; by the table's index where that was consulted, otherwise the maximum. */
  rowsAtMost?: number;
}

export interface SimpleQuery extends MergeOptions {
  intervals: readonly Interval[];
  dimensions: readonly string[];
  /** Beyond the metric's own. */
  filter?: Filter | undefined;
}

/** Plans to read a simple metric from raw events alone. */
export function planRaw(compiled: CompiledSimple, rollup: Rollup | undefined, query: SimpleQuery): ReadPlan {
  const parts = partsOfQuery(compiled, rollup, query);
  return { source: 'raw', sql: selectPlaced(parts.asked, [(form) => parts.raw(form)], parts.placed, query) };
}

/** SELECT of the rows of one source. */
type Source = (form: Form) => string;

/** SELECT of one row per interval and combination; rows of a single source are not grouped a second time. */
function selectPlaced(
  compiled: CompiledSimple,
  sources: readonly Source[],
  { place, single }: Placement,
  query: SimpleQuery,
): string {
  const [only, ...others] = sources;
  const alone = single && others.length === 0 && query.keep === undefined && query.top === undefined;
  return only && alone
    ? selectAlone(compiled, only('values'), query.dimensions, place, query)
    : selectMerged(
        compiled,
        sources.map((source) => source('parts')),
        query.dimensions,
        place,
        query,
      );
}

/**
 * Plans how a simple metric is read with its rollup: covered windows from it, all others from raw events, and of the
 * rollup only whole windows. Both give parts that merge, so the answer does not depend on the source. `undefined` where
 * the rollup cannot answer the query, as with a filter on a field that is not one of its dimensions.
 */
export function planRollup(compiled: CompiledSimple, rollup: Rollup, query: SimpleQuery): ReadPlan | undefined {
  const { intervals, dimensions, filter } = query;
  const condition = filter === undefined ? '1' : cellCondition(compiled, rollup, filter);
  if (condition === undefined) return undefined;
  const { bounds, span, placed, raw } = partsOfQuery(compiled, rollup, query);
  const ranges = rawRanges(rollup, span, bounds);
  const [first, last] = [Math.floor(span.start / WINDOW_MS), Math.ceil(span.end / WINDOW_MS)];
  const fine = minutesToRead(rollup, { start: first, end: last }, bounds, ranges);
  const during = `w >= ${second(first)} AND w < ${second(last)} AND ${gaps(intervals, 'w', (at) => second(Math.floor(at / WINDOW_MS)))}`;
  const from = (table: string, more: string) => ({
    table,
    during: `${during} AND ${more}`,
    cell: placed.cell('toInt64(toUnixTimestamp(w)) * 1000'),
    dimensions,
  });
  const all: MinuteRange = { start: first, end: last };
  const hourly = covers(fine, all) || !rollup.hours ? undefined : from(rollup.hours.table, outsideCondition(fine));
  const minutely = fine.every((range) => covers(ranges, range))
    ? undefined
    : from(rollup.name, `${insideCondition(fine)} AND ${outsideCondition(ranges)}`);
  const sources: Source[] = [
    ...(minutely ? [(form: Form) => selectFromRollup(compiled, minutely, condition, form)] : []),
    ...(ranges.length === 0 ? [] : [(form: Form) => raw(form, ranges)]),
  ];
  return {
    source: ranges.length === 0 ? 'rollup' : (hourly ?? minutely) ? 'mixed' : 'raw',
    sql: hourly
      ? selectWithHours(compiled, { hourly, condition }, sources, placed, query)
      : selectPlaced(compiled, sources, placed, query),
    rowsAtMost: rowsAtMost(fine, all) * rollup.cells,
  };
}

/** Where every bucket is an hour, stored hours are read without merging. */
function selectWithHours(
  compiled: CompiledSimple,
  { hourly, condition }: { hourly: StatesQuestion; condition: string },
  sources: readonly Source[],
  placed: Placement,
  query: SimpleQuery,
): string {
  const { intervals, dimensions, keep, top } = query;
  const asKept =
    placed.single &&
    intervals.every(({ start, end }) => end - start === HOUR_MS) &&
    compiled.dimensions.every(({ name }) => dimensions.includes(name));
  if (!asKept || keep !== undefined || top !== undefined)
    return selectPlaced(
      compiled,
      [(form) => selectFromRollup(compiled, hourly, condition, form), ...sources],
      placed,
      query,
    );
  const kept = selectAlone(compiled, selectHourValues(compiled, hourly, condition), dimensions, placed.place);
  return sources.length === 0 ? kept : `${kept} UNION ALL ${selectPlaced(compiled, sources, placed, query)}`;
}

function partsOfQuery(
  compiled: CompiledSimple,
  rollup: Rollup | undefined,
  { intervals, dimensions, filter }: SimpleQuery,
) {
  const bounds = boundaries(intervals);
  const span = spanOf(intervals);
  const asked = narrowed(compiled, filter);
  const kept = rollup ? { kept: rollup.keptCells } : {};
  const placed = placement(intervals, bounds);
  const times = eventTimes(intervals, bounds);
  return {
    bounds,
    span,
    asked,
    placed,
    raw: (form: Form, ranges?: readonly MinuteRange[]): string =>
      selectFromRaw(
        asked,
        {
          table: rawTable(compiled.event),
          during: times.during(ranges),
          cell: placed.cell(times.milliseconds),
          dimensions,
          ...kept,
        },
        form,
      ),
  };
}

/**
 * A filter as a condition on a rollup's cells, where it uses only text values of the rollup's dimensions. A dimension
 * that reached its limit cannot be filtered, because the values in its "other" cell are lost.
 */
function cellCondition(compiled: CompiledSimple, rollup: Rollup, filter: Filter): string | undefined {
  const full = rollup.keptCells;
  const columns: Columns = {
    type: () => 'TEXT',
    sql(field) {
      const dimension = compiled.dimensions.find(
        (one) => one.field === field && compiled.types.get(field) === 'TEXT' && !full.has(one.name),
      );
      if (!dimension) throw new UnknownColumn(field);
      return `if(${dimension.column} = '', NULL, substring(${dimension.column}, 2))`;
    },
  };
  try {
    return compileFilter(filter, columns);
  } catch (error) {
    if (error instanceof UnknownColumn) return undefined;
    throw error;
  }
}

/**
 * A rollup with this few rows is read at once, because planning a second time to compare it with raw events costs 7 ms.
 */
const CHEAP_ROWS = 200_000;
/** A row that carries the state of a distinct count or a digest costs as much as so many raw events. */
const STATE_WEIGHT = 8;

/**
 * The plan that is expected to read fewer rows, with that number. A rollup of many cells may have more rows than its
 * events.
 */
export async function cheaperPlan(
  engine: Engine,
  compiled: CompiledSimple,
  rolled: ReadPlan | undefined,
  raw: ReadPlan,
): Promise<ReadPlan> {
  if (!rolled) return raw;
  const weight = compiled.measure.parts.some(({ type }) => type.startsWith('AggregateFunction')) ? STATE_WEIGHT : 1;
  if (rolled.source !== 'raw' && (rolled.rowsAtMost ?? 0) * weight <= CHEAP_ROWS) return rolled;
  const [fromRollup, fromRaw] = await Promise.all([estimatedRows(engine, rolled.sql), estimatedRows(engine, raw.sql)]);
  return fromRollup * weight <= fromRaw ? { ...rolled, rowsAtMost: fromRollup } : { ...raw, rowsAtMost: fromRaw };
}

async function estimatedRows(engine: Engine, sql: string): Promise<number> {
  const tables = await engine.select(`EXPLAIN ESTIMATE ${sql}`);
  return tables.reduce((sum, { rows }) => sum + Number(rows), 0);
}

/** Runs a plan. */
export async function readSimple(
  engine: Engine,
  compiled: CompiledSimple,
  plan: ReadPlan,
  dimensions: readonly string[],
): Promise<Point[]> {
  const columns = dimensions.flatMap(
    (name) => compiled.dimensions.find((dimension) => dimension.name === name)?.column ?? [],
  );
  const rows = await engine.select(plan.sql);
  return rows.map((row) => ({
    interval: Number(row['p']),
    cells: columns.map((column) => String(row[column])),
    value: finish(compiled.measure.finish, partsOf(row)),
  }));
}

function partsOf(row: Row): Record<string, string | number | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' || value === null ? value : String(value),
    ]),
  );
}

/** Whether there were more rows than the requested maximum. */
export function isCut(points: readonly Point[], most: number | undefined): boolean {
  return most !== undefined && points.length > most;
}
