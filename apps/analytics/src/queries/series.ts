import type { Big } from 'big.js';
import {
  evaluate,
  finish,
  inputName,
  type MetricBody,
  type MetricInput,
  parseExpression,
  ratio,
} from '@paddock/metrics';
import { isTimeZone } from '@paddock/time-zones';
import { readConversion } from './conversion.js';
import { dayEnds, windowUpTo } from './cumulative-windows.js';
import { inputIntervals } from './input-intervals.js';
import { readRepeated } from './read-repeated.js';
import {
  UnanswerableQuery,
  leastFinal,
  type SeriesAnswer,
  type SeriesContext,
  type SeriesQuery,
  toRows,
} from './series-answer.js';
import { readSessions } from './sessions.js';
import { cheaperPlan, isCut, planRaw, planRollup, readSimple } from './simple-reader.js';

const MAX_INTERVALS = 11_000;

/**
 * Reads the series of a metric of any type that gives one number per interval.
 * @throws UnanswerableQuery
 */
export async function readSeries(context: SeriesContext, query: SeriesQuery): Promise<SeriesAnswer> {
  if (query.intervals.length > MAX_INTERVALS)
    throw new UnanswerableQuery(
      'grain',
      'TOO_MANY_BUCKETS',
      `there are ${query.intervals.length} buckets, at most ${MAX_INTERVALS} are allowed`,
    );
  if (!isTimeZone(query.timeZone))
    throw new UnanswerableQuery(
      'timeZone',
      'UNKNOWN_TIME_ZONE',
      `${JSON.stringify(query.timeZone)} is no IANA time zone`,
    );
  const body = context.definitions.metric(query.metric);
  if (!body)
    throw new UnanswerableQuery('metric', 'UNKNOWN_METRIC', `there is no metric ${JSON.stringify(query.metric)}`);
  if (query.intervals.length === 0) return { rows: [], nothing: null, finality: [], source: 'rollup' };
  return readBody(context, body, query);
}

function readBody(context: SeriesContext, body: MetricBody, query: SeriesQuery): Promise<SeriesAnswer> {
  if (body.simple) return readSimpleSeries(context, query);
  if (body.ratio) {
    const { numerator, denominator } = body.ratio;
    return combine(context, query, [numerator, denominator], ([top, bottom]) => ratio(top ?? null, bottom ?? null));
  }
  if (body.derived) {
    const { inputs, expr } = body.derived;
    const expression = parseExpression(expr);
    const names = inputs.map(inputName);
    return combine(context, query, inputs, (values) =>
      evaluate(expression, (name) => values[names.indexOf(name)] ?? null),
    );
  }
  if (body.cumulative) return readCumulative(context, body.cumulative, query);
  if (body.conversion) return readConversion(context, body.conversion, query);
  if (body.session) return readSessions(context, body.session, query);
  return Promise.reject(
    new UnanswerableQuery(
      'metric',
      'NOT_A_SERIES',
      `${query.metric} gives no single number per bucket: ask for its funnel or retention`,
    ),
  );
}

async function readSimpleSeries(
  context: SeriesContext,
  { metric, intervals, dimensions = [], filter, keep, top, most }: SeriesQuery,
): Promise<SeriesAnswer> {
  const version = context.metrics.current(metric);
  if (!version) throw new UnanswerableQuery('metric', 'NOT_READY', `${metric} is not applied yet`);
  const { compiled } = version;
  for (const [index, name] of dimensions.entries()) {
    if (!compiled.dimensions.some((dimension) => dimension.name === name))
      throw new UnanswerableQuery(
        `dimensions[${index}]`,
        'UNKNOWN_DIMENSION',
        `${metric} has no dimension ${JSON.stringify(name)}`,
      );
  }
  const rollup = context.rollups.find(version.rollup);
  const asked = { intervals, dimensions, filter, keep, top, most };
  const plan = await cheaperPlan(
    context.engine,
    compiled,
    rollup && planRollup(compiled, rollup, asked),
    planRaw(compiled, rollup, asked),
  );
  const points = await readSimple(context.engine, compiled, plan, dimensions);
  const nothing = finish(compiled.measure.finish, {});
  return {
    rows: toRows(points, intervals.length, nothing),
    nothing,
    finality: intervals.map(({ start, end }) =>
      context.sources.finality(compiled.event, start, end, context.now, compiled.persons),
    ),
    source: plan.source,
    cut: isCut(points, most),
    ...(plan.rowsAtMost === undefined ? {} : { estimatedRows: plan.rowsAtMost }),
  };
}

async function combine(
  context: SeriesContext,
  query: SeriesQuery,
  inputs: readonly MetricInput[],
  compute: (values: readonly (Big | null)[]) => Big | null,
): Promise<SeriesAnswer> {
  const { intervals } = query;
  const answers = await Promise.all(
    inputs.map((input) => {
      const asked = { ...query, metric: input.metric, top: undefined, most: undefined };
      return readRepeated(
        (distinct) => readSeries(context, { ...asked, intervals: distinct }),
        inputIntervals(input, query),
      );
    }),
  );
  const keys = new Map(answers.flatMap(({ rows }) => rows.map(({ cells }) => [JSON.stringify(cells), cells] as const)));
  const byKey = answers.map(({ rows }) => new Map(rows.map((row) => [JSON.stringify(row.cells), row])));
  return {
    rows: [...keys].map(([key, cells]) => {
      const rows = byKey.map((known) => known.get(key));
      const inputsAt = (index: number) =>
        rows.map((row, input) => (row ? row.values[index] : answers[input]?.nothing) ?? null);
      return {
        cells,
        values: intervals.map((_, index) => compute(inputsAt(index))),
        hasEvents: intervals.map((_, index) => rows.some((row) => row?.hasEvents[index])),
      };
    }),
    nothing: compute(answers.map(({ nothing }) => nothing)),
    finality: intervals.map((_, index) => leastFinal(answers.map(({ finality }) => finality[index] ?? 'OPEN'))),
    source: answers.every(({ source }) => source === 'rollup')
      ? 'rollup'
      : answers.every(({ source }) => source === 'raw')
        ? 'raw'
        : 'mixed',
    ...estimates(answers),
  };
}

function estimates(answers: readonly SeriesAnswer[]): { estimatedRows?: number } {
  const known = answers.flatMap(({ estimatedRows }) => estimatedRows ?? []);
  return known.length === 0 ? {} : { estimatedRows: known.reduce((sum, rows) => sum + rows, 0) };
}

async function readCumulative(
  context: SeriesContext,
  metric: NonNullable<MetricBody['cumulative']>,
  query: SeriesQuery,
): Promise<SeriesAnswer> {
  const { intervals, timeZone } = query;
  const { periodAgg = 'last' } = metric;
  const windowed = (end: number) => windowUpTo(end, metric, timeZone);
  if (periodAgg === 'last')
    return readSeries(context, {
      ...query,
      metric: metric.metric,
      intervals: intervals.map(({ end }) => windowed(end)),
    });
  // The figure of every day of the bucket; the first or the mean becomes the bucket's figure.
  const days = intervals.map((interval) => dayEnds(interval, timeZone));
  const chosen = periodAgg === 'first' ? days.map((ends) => ends.slice(0, 1)) : days;
  const answer = await readSeries(context, {
    ...query,
    metric: metric.metric,
    intervals: chosen.flat().map(windowed),
  });
  let from = 0;
  const places = chosen.map(({ length }) => ({ from, to: (from += length) }));
  return {
    ...answer,
    rows: answer.rows.map(({ cells, values, hasEvents }) => ({
      cells,
      values: places.map(({ from, to }) => mean(values.slice(from, to))),
      hasEvents: places.map(({ from, to }) => hasEvents.slice(from, to).includes(true)),
    })),
    finality: places.map(({ from, to }) => leastFinal(answer.finality.slice(from, to))),
  };
}

function mean(values: readonly (Big | null)[]): Big | null {
  const known = values.filter((value) => value !== null);
  const [first, ...rest] = known;
  return first === undefined ? null : rest.reduce((sum, value) => sum.plus(value), first).div(known.length);
}
