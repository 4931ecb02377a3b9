import {
  checkMetric,
  type CompiledSimple,
  compileSimple,
  DEFAULT_LIMIT,
  finish,
  MAX_LIMIT,
  MAX_QUESTION_DIMENSIONS,
  type MetricBody,
  parseMetric,
  type PeriodComparison,
} from '@paddock/metrics';
import { answerSeries, type AnsweredSeries, type CheckedSeries } from './metric-series.js';
import { fieldDimension, QueryReader } from './query-problems.js';
import { type SeriesAnswer, type SeriesContext, type SeriesQuery, toRows } from './series-answer.js';
import { isCut, planRaw, readSimple } from './simple-reader.js';

/** A computation over an event's fields, written as in a metric's definition. */
export interface AskedMeasure {
  event: string;
  agg: string;
  expr?: string | null | undefined;
  percentile?: number | null | undefined;
  accuracy?: string | null | undefined;
  contract?: string | null | undefined;
}

/** An ad-hoc query without a metric: any measure by any fields. */
export interface AskedExploration {
  measure: AskedMeasure;
  from: string;
  to: string;
  grain: string;
  timeZone?: string | null | undefined;
  /** Paths of fields. */
  dimensions?: readonly string[] | null | undefined;
  filter?: unknown;
  compareTo?: PeriodComparison | null | undefined;
  limit?: number | null | undefined;
}

export interface CheckedExploration extends CheckedSeries {
  compiled: CompiledSimple;
}

/** @throws InvalidQuery with every mistake */
export function checkExploration(context: SeriesContext, asked: AskedExploration): CheckedExploration {
  const { definitions } = context;
  const reader = new QueryReader(definitions);
  const { event } = asked.measure;
  const contract = definitions.event(event);
  if (!contract)
    reader.problem('measure.event', 'UNKNOWN_EVENT', `there is no contract for ${JSON.stringify(event.slice(0, 100))}`);
  const body = contract && measureBody(reader, asked.measure, context);
  const range = reader.range(asked.from, asked.to);
  const grain = reader.grain(asked.grain);
  const timeZone = reader.timeZone(asked.timeZone ?? 'UTC');
  const dimensions = asked.dimensions ?? [];
  if (dimensions.length > MAX_QUESTION_DIMENSIONS)
    reader.problem('dimensions', 'TOO_MANY', `at most ${MAX_QUESTION_DIMENSIONS} dimensions can be asked for at once`);
  const compiledDimensions = dimensions.flatMap((field, index) => {
    const found = fieldDimension(field, event, definitions, index);
    if (!found && contract)
      reader.problem(
        `dimensions[${index}]`,
        'UNKNOWN_EVENT_FIELD',
        `${event} has no field ${JSON.stringify(field.slice(0, 100))} that can split it`,
      );
    return found ?? [];
  });
  const filter = contract ? reader.filter(asked.filter, body) : undefined;
  const limit = reader.integer('limit', asked.limit ?? DEFAULT_LIMIT, 1, MAX_LIMIT);
  reader.done();
  if (!body?.simple || !contract || !range || !grain) throw new TypeError('a query without mistakes is complete');
  const compiled = { ...compileSimple(body.simple, contract), dimensions: compiledDimensions };
  return {
    metric: '',
    body,
    range,
    grain,
    timeZone,
    dimensions,
    filter,
    compareTo: asked.compareTo ?? undefined,
    limit,
    compiled,
  };
}

/** Answers from raw events. */
export function explore(context: SeriesContext, checked: CheckedExploration): Promise<AnsweredSeries> {
  return answerSeries(
    context,
    checked,
    (query) => readMeasure(context, checked.compiled, query),
    checked.compiled.measure.finish,
  );
}

async function readMeasure(
  { engine, sources, now }: SeriesContext,
  compiled: CompiledSimple,
  { intervals, dimensions = [], filter, keep, top, most }: SeriesQuery,
): Promise<SeriesAnswer> {
  const points = await readSimple(
    engine,
    compiled,
    planRaw(compiled, undefined, { intervals, dimensions, filter, keep, top, most }),
    dimensions,
  );
  const nothing = finish(compiled.measure.finish, {});
  return {
    rows: toRows(points, intervals.length, nothing),
    nothing,
    finality: intervals.map(({ start, end }) => sources.finality(compiled.event, start, end, now, compiled.persons)),
    source: 'raw',
    cut: isCut(points, most),
  };
}

/** The metric definition of a measure, so that a saved metric equals the explored one. */
function measureBody(
  reader: QueryReader,
  { event, agg, expr, percentile, accuracy, contract }: AskedMeasure,
  { definitions }: SeriesContext,
): MetricBody | undefined {
  const simple = {
    event,
    agg,
    ...(expr ? { expr } : {}),
    ...(percentile === undefined || percentile === null ? {} : { percentile }),
    ...(accuracy ? { accuracy } : {}),
    ...(contract ? { contract } : {}),
  };
  const parsed = parseMetric({ title: 'exploration', simple });
  const problems = parsed.ok ? checkMetric('', parsed.body, definitions) : parsed.problems;
  for (const { path, code, message } of problems) reader.problem(path.replace(/^simple\b/, 'measure'), code, message);
  return parsed.ok && problems.length === 0 ? parsed.body : undefined;
}
