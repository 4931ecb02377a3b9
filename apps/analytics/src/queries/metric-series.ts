import { Big } from 'big.js';
import {
  bucketAt,
  buckets,
  comparedInterval,
  DEFAULT_LIMIT,
  type Duration,
  eventsOf,
  type Filter,
  type Finish,
  type Grain,
  inputsOf,
  MAX_BUCKETS,
  MAX_LIMIT,
  type MetricBody,
  MISSING_CELL,
  OTHER_CELL,
  type PeriodComparison,
  SHORTEST_MS,
} from '@paddock/metrics';
import type { Finality } from '../processor/watermark.js';
import { addsUp, bySize, foldRest, isRest, MAX_FOLDED, named, total } from './fold-rest.js';
import type { Interval } from './interval.js';
import { spanOf } from './interval.js';
import { type QueryProblem, QueryReader } from './query-problems.js';
import { readRepeated } from './read-repeated.js';
import { readSeries } from './series.js';
import type { SeriesAnswer, SeriesContext, SeriesQuery, SeriesRow } from './series-answer.js';

/** A query for a metric's series, not yet validated. */
export interface AskedSeries {
  metric: string;
  /** RFC 3339; taken down to the start of its bucket. */
  from: string;
  to: string;
  grain: string;
  timeZone?: string | null | undefined;
  dimensions?: readonly string[] | null | undefined;
  filter?: unknown;
  compareTo?: PeriodComparison | null | undefined;
  /** How many combinations of dimensions stay apart, the largest first. */
  limit?: number | null | undefined;
}

/** The value of one dimension: `OTHER` stands for all that were not kept apart, `MISSING` for events without the field. */
export interface DimensionValue {
  name: string;
  kind: 'VALUE' | 'MISSING' | 'OTHER';
  value: string | null;
}

export interface AnsweredRow {
  dimensions: DimensionValue[];
  values: (Big | null)[];
  /** Of the compared buckets; empty where nothing was compared. */
  previous: (Big | null)[];
  /** Indexes of the buckets that are in the answer: all, or where the metric says so only those with events. */
  shown: number[];
}

/** A metric's series and its finality. */
export interface AnsweredSeries {
  metric: string;
  body: MetricBody;
  grain: Grain;
  timeZone: string;
  intervals: Interval[];
  finality: Finality[];
  rows: AnsweredRow[];
  source: SeriesAnswer['source'];
  estimatedRows: number | null;
  /** The rest of a limited query is in a row of its own, "other". */
  limited: boolean;
  events: string[];
}

/** A validated query. */
export interface CheckedSeries {
  metric: string;
  body: MetricBody;
  range: Interval;
  grain: Grain;
  timeZone: string;
  dimensions: readonly string[];
  filter: Filter | undefined;
  compareTo: PeriodComparison | undefined;
  limit: number;
  /** The range as it is, as one bucket. */
  whole?: boolean;
}

/**
 * Validates a query; some mistakes may have been found before.
 * @throws InvalidQuery with every mistake
 */
export function checkSeries(
  context: SeriesContext,
  asked: AskedSeries,
  found: readonly QueryProblem[] = [],
): CheckedSeries {
  const reader = new QueryReader(context.definitions, found);
  const body = reader.metric(asked.metric);
  const range = reader.range(asked.from, asked.to);
  const grain = reader.grain(asked.grain);
  const timeZone = reader.timeZone(asked.timeZone ?? body?.serving?.timeZone ?? 'UTC');
  const dimensions = asked.dimensions ?? [];
  reader.dimensions(dimensions, asked.metric, body);
  const filter = reader.filter(asked.filter, body);
  const limit = reader.integer('limit', asked.limit ?? DEFAULT_LIMIT, 1, MAX_LIMIT);
  if (range && grain && (range.end - range.start) / SHORTEST_MS[grain] > MAX_BUCKETS)
    reader.problem(
      'grain',
      'TOO_MANY_BUCKETS',
      `would give more than ${MAX_BUCKETS} buckets; ask for a coarser grain or a shorter time`,
    );
  if (body && (body.funnel ?? body.retention))
    reader.problem(
      'metric',
      'NOT_A_SERIES',
      `${asked.metric} gives no single number per bucket: ask for its funnel or retention`,
    );
  reader.done();
  if (!body || !range || !grain) throw new TypeError('a query without mistakes is complete');
  return {
    metric: asked.metric,
    body,
    range,
    grain,
    timeZone,
    dimensions,
    filter,
    compareTo: asked.compareTo ?? undefined,
    limit,
  };
}

/** Reads the series of a metric or of an exploration's measure. */
export type ReadSeries = (query: SeriesQuery) => Promise<SeriesAnswer>;

/** Answers a validated query; `finish` gives the figures of a single measure. */
export async function answerSeries(
  context: SeriesContext,
  checked: CheckedSeries,
  read: ReadSeries = (query) => readSeries(context, query),
  finish: Finish | undefined = context.metrics.current(checked.metric)?.compiled.measure.finish,
): Promise<AnsweredSeries> {
  const { metric, body, range, grain, timeZone, dimensions, filter, compareTo, limit } = checked;
  const intervals = checked.whole ? [range] : buckets(range.start, range.end, grain, timeZone);
  const query: SeriesQuery = { metric, intervals, grain, timeZone, dimensions, filter };
  const readRows: ReadSeries = async (asked) => ofCombinations(await read(asked), dimensions);
  const { answer, keep } = await readLimited(readRows, query, limit, finish);
  const asked = { ...query, keep: keep ?? answer.rows.map(({ cells }) => cells) };
  const compared = compareTo
    ? await readRepeated(
        (distinct) => readRows({ ...asked, intervals: distinct }),
        earlier(intervals, compareTo, grain, timeZone),
      )
    : undefined;
  return {
    metric,
    body,
    grain,
    timeZone,
    intervals,
    finality: answer.finality,
    rows: toAnswered(answer, compared, checked),
    source: answer.source,
    estimatedRows: answer.estimatedRows ?? null,
    limited: keep !== undefined,
    events: eventsOf(body, context.definitions),
  };
}

/** Only rows of combinations. Where nothing is found, the total row does not stand for a combination. */
function ofCombinations(answer: SeriesAnswer, dimensions: readonly string[]): SeriesAnswer {
  return { ...answer, rows: answer.rows.filter(({ cells }) => cells.length === dimensions.length) };
}

/** An answer, and the combinations that stay apart in it where there are more than the limit. */
interface Limited {
  answer: SeriesAnswer;
  keep: string[][] | undefined;
}

/**
 * Figures that add up are read once, and the rest is put together here, unless there are too many. For all other
 * figures, and where there are too many, a first reading finds the largest, and in a second one the engine merges the
 * rest from states.
 */
async function readLimited(
  read: ReadSeries,
  query: SeriesQuery,
  limit: number,
  finish: Finish | undefined,
): Promise<Limited> {
  if (query.dimensions?.length === 0) return { answer: await read(query), keep: undefined };
  if (addsUp(finish)) {
    const answer = await read({ ...query, most: MAX_FOLDED });
    if (!answer.cut) {
      const { rows, keep } = foldRest(answer.rows, limit);
      return { answer: { ...answer, rows }, keep };
    }
  }
  const keep = await largest(read, query, limit);
  return { answer: await read({ ...query, keep }), keep };
}

/** The combinations with the largest values over the whole time, where there are more than `limit`. */
async function largest(read: ReadSeries, query: SeriesQuery, limit: number): Promise<string[][] | undefined> {
  const whole = await read({ ...query, intervals: [spanOf(query.intervals)], top: limit + 2 });
  if (whole.rows.length <= limit) return undefined;
  return named(whole.rows)
    .sort(bySize(({ values }) => values[0]))
    .slice(0, limit)
    .map(({ cells }) => cells);
}

/** The bucket that each bucket is compared with. */
export function earlier(
  intervals: readonly Interval[],
  compareTo: PeriodComparison,
  grain: Grain,
  timeZone: string,
): Interval[] {
  const back = distance(compareTo, intervals.length, grain);
  return intervals.map((interval) => comparedInterval(interval, { back }, grain, timeZone));
}

function distance(compareTo: PeriodComparison, buckets: number, grain: Grain): Duration {
  switch (compareTo) {
    case 'PREVIOUS_PERIOD':
      return { amount: buckets, unit: grain };
    case 'PREVIOUS_DAY':
      return { amount: 1, unit: 'day' };
    case 'PREVIOUS_WEEK':
      return { amount: 1, unit: 'week' };
    case 'PREVIOUS_MONTH':
      return { amount: 1, unit: 'month' };
    case 'PREVIOUS_QUARTER':
      return { amount: 1, unit: 'quarter' };
    case 'PREVIOUS_YEAR':
      return { amount: 1, unit: 'year' };
  }
}

function toAnswered({ rows }: SeriesAnswer, compared: SeriesAnswer | undefined, checked: CheckedSeries): AnsweredRow[] {
  const { dimensions, body } = checked;
  const before = new Map((compared?.rows ?? []).map((row) => [JSON.stringify(row.cells), row]));
  const { fillNullsWith, joinToTimespine = true } = body.serving ?? {};
  const fill = fillNullsWith === undefined ? null : new Big(fillNullsWith);
  // A bucket without events may be left out; it then has no value, not even a count of 0.
  const isThere = (row: SeriesRow | undefined, index: number): boolean =>
    joinToTimespine || row?.hasEvents[index] === true;
  const earlier = (row: SeriesRow | undefined, index: number): Big | null => {
    if (!isThere(row, index)) return fill;
    return (row ? row.values[index] : compared?.nothing) ?? fill;
  };
  return [...rows].sort(bySize(sum)).map((row) => ({
    dimensions: dimensions.map((name, index) => toDimension(name, row.cells[index] ?? MISSING_CELL)),
    values: row.values.map((value) => value ?? fill),
    previous: compared ? row.values.map((_, index) => earlier(before.get(JSON.stringify(row.cells)), index)) : [],
    shown: [...row.values.keys()].filter((index) => isThere(row, index)),
  }));
}

export function toDimension(name: string, cell: string): DimensionValue {
  if (cell === MISSING_CELL) return { name, kind: 'MISSING', value: null };
  return cell === OTHER_CELL ? { name, kind: 'OTHER', value: null } : { name, kind: 'VALUE', value: cell.slice(1) };
}

function sum({ cells, values }: SeriesRow): Big | null {
  // The "other" row is last, however large it is.
  return isRest(cells) ? null : total(values);
}

/** The time whose events can change the answer. */
export function dependencySpan(
  { body, range, grain, timeZone, compareTo }: CheckedSeries,
  definition: (metric: string) => MetricBody | undefined,
): Interval {
  if (compareTo || !staysInRange(body, definition)) return { start: 0, end: Infinity };
  return { start: bucketAt(range.start, grain, timeZone).start, end: bucketAt(range.end - 1, grain, timeZone).end };
}

function staysInRange(body: MetricBody, definition: (metric: string) => MetricBody | undefined): boolean {
  if (body.simple) return true;
  if (body.cumulative ?? body.conversion ?? body.session) return false;
  return inputsOf(body).every(({ input }) => {
    const target = definition(input.metric);
    return (
      input.offsetWindow === undefined &&
      input.offsetToGrain === undefined &&
      target !== undefined &&
      staysInRange(target, definition)
    );
  });
}
