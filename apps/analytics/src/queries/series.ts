import type { Big } from 'big.js';
import { bucketStart, evaluate, inputName, type MetricBody, type MetricInput, parseDuration, parseExpression, ratio, shift } from '#metrics';
import { isTimeZone } from '#time-zones';
import { readConversion } from './conversion.js';
import type { Interval } from './interval.js';
import { BadQuestion, leastFinal, type SeriesAnswer, type SeriesContext, type SeriesQuestion, toRows } from './series-answer.js';
import { readSessions } from './sessions.js';
import { cheaperPlan, isCut, planRaw, planRollup, readSimple } from './simple-reader.js';

const MAX_INTERVALS = 11_000;

/**
 * Reads the series of a metric of any type that gives one number per interval.
 * @throws BadQuestion
 */
export async function readSeries(context: SeriesContext, question: SeriesQuestion): Promise<SeriesAnswer> {
  if (question.intervals.length > MAX_INTERVALS) throw new BadQuestion('grain', 'TOO_MANY_BUCKETS', `there are ${question.intervals.length} buckets, at most ${MAX_INTERVALS} are allowed`);
  if (!isTimeZone(question.timeZone)) throw new BadQuestion('timeZone', 'UNKNOWN_TIME_ZONE', `${JSON.stringify(question.timeZone)} is no IANA time zone`);
  const body = context.definitions.metric(question.metric);
  if (!body) throw new BadQuestion('metric', 'UNKNOWN_METRIC', `there is no metric ${JSON.stringify(question.metric)}`);
  if (question.intervals.length === 0) return { rows: [], finality: [], source: 'rollup' };
  return readBody(context, body, question);
}

function readBody(context: SeriesContext, body: MetricBody, question: SeriesQuestion): Promise<SeriesAnswer> {
  if (body.simple) return readSimpleSeries(context, question);
  if (body.ratio) {
    const { numerator, denominator } = body.ratio;
    return combine(context, question, [numerator, denominator], ([top, bottom]) => ratio(top ?? null, bottom ?? null));
  }
  if (body.derived) {
    const { inputs, expr } = body.derived;
    const expression = parseExpression(expr);
    const names = inputs.map(inputName);
    return combine(context, question, inputs, (values) => evaluate(expression, (name) => values[names.indexOf(name)] ?? null));
  }
  if (body.cumulative) return readCumulative(context, body.cumulative, question);
  if (body.conversion) return readConversion(context, body.conversion, question);
  if (body.session) return readSessions(context, body.session, question);
  return Promise.reject(new BadQuestion('metric', 'NOT_A_SERIES', `${question.metric} gives no single number per bucket: ask for its funnel or retention`));
}

async function readSimpleSeries(context: SeriesContext, { metric, intervals, dimensions = [], filter, keep, top, most }: SeriesQuestion): Promise<SeriesAnswer> {
  const version = context.metrics.current(metric);
  if (!version) throw new BadQuestion('metric', 'NOT_READY', `${metric} is not applied yet`);
  const { compiled } = version;
  for (const [index, name] of dimensions.entries()) {
    if (!compiled.dimensions.some((dimension) => dimension.name === name)) throw new BadQuestion(`dimensions[${index}]`, 'UNKNOWN_DIMENSION', `${metric} has no dimension ${JSON.stringify(name)}`);
  }
  const rollup = context.rollups.find(version.rollup);
  const asked = { intervals, dimensions, filter, keep, top, most };
  const plan = await cheaperPlan(context.engine, compiled, rollup && planRollup(compiled, rollup, asked), planRaw(compiled, rollup, asked));
  const points = await readSimple(context.engine, compiled, plan, dimensions);
  const nothing = compiled.measure.finish === 'count' || compiled.measure.finish === 'distinct' ? 0 : null;
  return {
    rows: toRows(points, intervals.length, nothing === 0),
    finality: intervals.map(({ start, end }) => context.sources.finality(compiled.event, start, end, context.now)),
    source: plan.source,
    cut: isCut(points, most),
    ...(plan.rowsAtMost === undefined ? {} : { estimatedRows: plan.rowsAtMost }),
  };
}

async function combine(context: SeriesContext, question: SeriesQuestion, inputs: readonly MetricInput[], compute: (values: readonly (Big | null)[]) => Big | null): Promise<SeriesAnswer> {
  const answers = await Promise.all(inputs.map((input) => readSeries(context, { ...question, top: undefined, most: undefined, metric: input.metric, intervals: moved(input, question) })));
  const keys = new Map(answers.flatMap(({ rows }) => rows.map(({ cells }) => [JSON.stringify(cells), cells] as const)));
  const byKey = answers.map(({ rows }) => new Map(rows.map((row) => [JSON.stringify(row.cells), row.values])));
  return {
    rows: [...keys].map(([key, cells]) => ({ cells, values: question.intervals.map((_, index) => compute(byKey.map((rows) => rows.get(key)?.[index] ?? null))) })),
    finality: question.intervals.map((_, index) => leastFinal(answers.map(({ finality }) => finality[index] ?? 'OPEN'))),
    source: answers.every(({ source }) => source === 'rollup') ? 'rollup' : answers.every(({ source }) => source === 'raw') ? 'raw' : 'mixed',
    ...estimates(answers),
  };
}

function estimates(answers: readonly SeriesAnswer[]): { estimatedRows?: number } {
  const known = answers.flatMap(({ estimatedRows }) => estimatedRows ?? []);
  return known.length === 0 ? {} : { estimatedRows: known.reduce((sum, rows) => sum + rows, 0) };
}

/** Where an input is read: earlier by its offset, or at the start of a grain, the same length as asked for. */
function moved({ offsetWindow, offsetToGrain }: MetricInput, { intervals, timeZone }: SeriesQuestion): Interval[] {
  const duration = offsetWindow === undefined ? undefined : parseDuration(offsetWindow);
  if (duration) return intervals.map(({ start, end }) => ({ start: shift(start, duration, timeZone, -1), end: shift(end, duration, timeZone, -1) }));
  if (offsetToGrain) {
    return intervals.map(({ start, end }) => {
      const first = bucketStart(start, offsetToGrain, timeZone);
      return { start: first, end: first + (end - start) };
    });
  }
  return [...intervals];
}

async function readCumulative(context: SeriesContext, metric: NonNullable<MetricBody['cumulative']>, question: SeriesQuestion): Promise<SeriesAnswer> {
  const windowed = (at: number): Interval => ({ start: windowStart(metric, at, question.timeZone), end: at });
  const { periodAgg = 'last' } = metric;
  if (periodAgg === 'last') return readSeries(context, { ...question, metric: metric.metric, intervals: question.intervals.map(({ end }) => windowed(end)) });
  // The figure of every day of the bucket, of which the first or the mean stands for it.
  const days = question.intervals.map((interval) => dayEnds(interval, question.timeZone));
  const chosen = periodAgg === 'first' ? days.map((ends) => ends.slice(0, 1)) : days;
  const answer = await readSeries(context, { ...question, metric: metric.metric, intervals: chosen.flat().map(windowed) });
  const offsets = chosen.map((_, index) => chosen.slice(0, index).reduce((sum, ends) => sum + ends.length, 0));
  return {
    ...answer,
    rows: answer.rows.map(({ cells, values }) => ({ cells, values: chosen.map((ends, index) => mean(values.slice(offsets[index], (offsets[index] ?? 0) + ends.length))) })),
    finality: chosen.map((ends, index) => leastFinal(answer.finality.slice(offsets[index], (offsets[index] ?? 0) + ends.length))),
  };
}

function windowStart({ window, grainToDate }: NonNullable<MetricBody['cumulative']>, at: number, timeZone: string): number {
  if (grainToDate) return bucketStart(at - 1, grainToDate, timeZone);
  const duration = window === undefined ? undefined : parseDuration(window);
  return duration ? shift(at, duration, timeZone, -1) : 0;
}

function dayEnds({ start, end }: Interval, timeZone: string): number[] {
  const ends: number[] = [];
  for (let at = start; at < end; ) {
    at = Math.min(end, shift(bucketStart(at, 'day', timeZone), { amount: 1, unit: 'day' }, timeZone, 1));
    ends.push(at);
  }
  return ends;
}

function mean(values: readonly (Big | null)[]): Big | null {
  const known = values.filter((value) => value !== null);
  const [first, ...rest] = known;
  return first === undefined ? null : rest.reduce((sum, value) => sum.plus(value), first).div(known.length);
}
