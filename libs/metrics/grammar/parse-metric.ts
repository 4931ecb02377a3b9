import { isTimeZone } from '@paddock/time-zones';
import { EVENT_NAME } from '../contracts/parse-event-schema.js';
import { parseSemVerRange } from '../contracts/semver.js';
import { DefinitionReader } from '../definition-reader.js';
import type { ExplorationMeasure } from '../exploration/exploration-body.js';
import type { DefinitionProblem, Parsed } from '../problem.js';
import { GRAINS } from '../time/calendar.js';
import { NUMBER_SCALE } from '../sql/literals.js';
import { parseDuration } from '../time/duration.js';
import { digitsOf, divides, type Expression, ExpressionError, namesIn, parseExpression } from './expression.js';
import { readFilter } from './filter.js';
import {
  AGGREGATIONS,
  type ConversionMetric,
  type CumulativeMetric,
  type DerivedMetric,
  type EventSelection,
  type FunnelMetric,
  METRIC_TYPES,
  type MetricBody,
  type MetricDimension,
  type MetricInput,
  type RatioMetric,
  type RetentionMetric,
  type ServingPolicy,
  type SessionMetric,
  type SimpleMetric,
} from './metric-body.js';

const MAX_DIMENSIONS = 5;
const MAX_CARDINALITY = 10_000;
const MAX_STEPS = 20;
/** A field of type `number` or `integer`. */
const FIELD_DIGITS = { whole: 12, decimals: NUMBER_SCALE };
/** Decimals of 256 bits have 76 digits; six are left for the sum of a million of the largest values. */
const MAX_DIGITS = 70;
const NAME = {
  pattern: /^[a-z][a-z0-9_]{0,63}$/,
  code: 'INVALID_NAME',
  expected: 'a lower-case name of letters, digits and underscores',
} as const;
const KEY = { max: 100 } as const;

/** Reads the body of a metric by itself; {@link checkMetric} checks its references to events and other metrics. */
export function parseMetric(input: unknown): Parsed<MetricBody> {
  const problems: DefinitionProblem[] = [];
  const from = DefinitionReader.of(input, '', problems);
  const body: MetricBody = {
    title: from.text('title', { max: 200 }),
    ...from.optional('description', (name) => from.text(name, { max: 10_000 })),
    ...from.optional('unit', (name) => from.text(name, { max: 20 })),
    ...from.optional('simple', (name) => readSimple(from.part(name))),
    ...from.optional('ratio', (name) => readRatio(from.part(name))),
    ...from.optional('derived', (name) => readDerived(from.part(name))),
    ...from.optional('cumulative', (name) => readCumulative(from.part(name))),
    ...from.optional('conversion', (name) => readConversion(from.part(name))),
    ...from.optional('funnel', (name) => readFunnel(from.part(name))),
    ...from.optional('retention', (name) => readRetention(from.part(name))),
    ...from.optional('session', (name) => readSession(from.part(name))),
    ...from.optional('serving', (name) => readServing(from.part(name))),
  };
  from.done();
  const given = METRIC_TYPES.filter((type) => from.has(type));
  if (given.length !== 1)
    from.problem(
      '',
      'EXACTLY_ONE',
      `must have exactly one of ${METRIC_TYPES.join(', ')}${given.length > 1 ? `, not ${given.join(' and ')}` : ''}`,
      undefined,
    );
  return problems.length === 0 ? { ok: true, body } : { ok: false, problems };
}

function readSelection(from: DefinitionReader): EventSelection {
  return {
    event: readEvent(from),
    ...from.optional('filter', (name) => readFilter(from.part(name))),
  };
}

function readEvent(from: DefinitionReader): string {
  return from.text('event', { pattern: EVENT_NAME, code: 'INVALID_NAME', expected: 'the name of an event' });
}

function selectionAt(from: DefinitionReader, name: string): EventSelection {
  const part = from.part(name);
  const selection = readSelection(part);
  part.done();
  return selection;
}

function readSimple(from: DefinitionReader): SimpleMetric {
  const metric: SimpleMetric = {
    ...readSelection(from),
    ...readAggregation(from),
    ...from.optional('dimensions', () => readDimensions(from)),
  };
  from.done();
  checkAggregation(from, metric);
  return metric;
}

/** Reads what an exploration measures: a simple metric without the events that count and its dimensions. */
export function readMeasure(from: DefinitionReader): ExplorationMeasure {
  const measure = { event: readEvent(from), ...readAggregation(from) };
  from.done();
  checkAggregation(from, measure);
  return measure;
}

type AggregationMembers = Omit<ExplorationMeasure, 'event'>;

function readAggregation(from: DefinitionReader): AggregationMembers {
  return {
    ...from.optional('contract', (name) => from.text(name, { max: 100 })),
    agg: from.oneOf('agg', AGGREGATIONS),
    ...from.optional('expr', (name) => from.text(name, { max: 500 })),
    ...from.optional('percentile', (name) => from.number(name, { min: 0, max: 1 })),
    ...from.optional('accuracy', (name) => from.oneOf(name, ['exact', 'approximate'])),
  };
}

function checkAggregation(from: DefinitionReader, metric: AggregationMembers): void {
  if (metric.contract !== undefined && !parseSemVerRange(metric.contract))
    from.problem(
      'contract',
      'INVALID_VERSION',
      `must be a range like ">=2.1 <3", not ${JSON.stringify(metric.contract)}`,
      undefined,
    );
  if (metric.agg === 'count' && metric.expr !== undefined)
    from.problem('expr', 'NOT_ALLOWED', 'count counts events; filter them instead', undefined);
  if (metric.agg !== 'count' && metric.expr === undefined)
    from.problem('expr', 'REQUIRED', `is required for ${metric.agg}`, undefined);
  if (metric.agg === 'percentile' && metric.percentile === undefined)
    from.problem('percentile', 'REQUIRED', 'is required for percentile', undefined);
  if (metric.agg !== 'percentile' && metric.percentile !== undefined)
    from.problem('percentile', 'NOT_ALLOWED', `has no meaning for ${metric.agg}`, undefined);
  if (metric.agg !== 'count_distinct' && metric.accuracy !== undefined)
    from.problem('accuracy', 'NOT_ALLOWED', `has no meaning for ${metric.agg}`, undefined);
  if (metric.expr !== undefined) measureExpression(from, metric.expr);
}

function measureExpression(from: DefinitionReader, text: string): void {
  const expression = readExpression(from, text);
  if (!expression) return;
  if (namesIn(expression).length === 0) from.problem('expr', 'INVALID_EXPRESSION', 'names no field', undefined);
  if (divides(expression))
    from.problem(
      'expr',
      'INVALID_EXPRESSION',
      'may not divide: a sum of quotients is not a quotient of sums; define a ratio',
      undefined,
    );
  const { whole, decimals } = digitsOf(expression, FIELD_DIGITS);
  if (whole + decimals > MAX_DIGITS)
    from.problem(
      'expr',
      'INVALID_EXPRESSION',
      `may have ${whole + decimals} digits, at most ${MAX_DIGITS} are exact: multiply at most three fields`,
      undefined,
    );
}

function readExpression(from: DefinitionReader, text: string): Expression | undefined {
  try {
    return parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return from.problem('expr', 'INVALID_EXPRESSION', error.message, undefined);
  }
}

function readDimensions(from: DefinitionReader): MetricDimension[] {
  const dimensions = from.parts('dimensions', { min: 0, max: MAX_DIMENSIONS }, (part) => {
    const dimension: MetricDimension = {
      name: part.text('name', NAME),
      ...part.optional('field', (name) => part.text(name, { max: 300 })),
      ...part.optional('maxCardinality', (name) => part.number(name, { min: 1, max: MAX_CARDINALITY, integer: true })),
    };
    part.done();
    return dimension;
  });
  reportRepeated(
    from,
    'dimensions',
    dimensions.map(({ name }) => name),
  );
  return dimensions;
}

function reportRepeated(from: DefinitionReader, list: string, names: readonly string[]): void {
  names.forEach((name, index) => {
    if (name !== '' && names.indexOf(name) < index)
      from.problem(`${list}[${index}]`, 'DUPLICATE', `${JSON.stringify(name)} is there already`, undefined);
  });
}

function readInput(from: DefinitionReader): MetricInput {
  const input: MetricInput = {
    metric: from.text('metric', KEY),
    ...from.optional('alias', (name) => from.text(name, NAME)),
    ...from.optional('offsetWindow', (name) => readDuration(from, name)),
    ...from.optional('offsetToGrain', (name) => from.oneOf(name, GRAINS)),
  };
  from.done();
  if (input.offsetWindow !== undefined && input.offsetToGrain !== undefined)
    from.problem('offsetToGrain', 'EXACTLY_ONE', 'cannot stand beside offsetWindow', undefined);
  return input;
}

/** The name under which an input stands in an expression. */
export function inputName(input: MetricInput): string {
  return input.alias ?? input.metric.replaceAll(/[-.]/g, '_');
}

function readRatio(from: DefinitionReader): RatioMetric {
  const ratio = { numerator: readInput(from.part('numerator')), denominator: readInput(from.part('denominator')) };
  from.done();
  return ratio;
}

function readDerived(from: DefinitionReader): DerivedMetric {
  const derived = {
    expr: from.text('expr', { max: 500 }),
    inputs: from.parts('inputs', { min: 1, max: 20 }, readInput),
  };
  from.done();
  const names = derived.inputs.map(inputName);
  reportRepeated(from, 'inputs', names);
  const expression = derived.expr === '' ? undefined : readExpression(from, derived.expr);
  for (const name of expression ? namesIn(expression) : []) {
    if (!names.includes(name))
      from.problem(
        'expr',
        'UNKNOWN_METRIC',
        `${JSON.stringify(name)} is no input; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`,
        undefined,
      );
  }
  return derived;
}

function readCumulative(from: DefinitionReader): CumulativeMetric {
  const metric: CumulativeMetric = {
    metric: from.text('metric', KEY),
    ...from.optional('window', (name) => readDuration(from, name)),
    ...from.optional('grainToDate', (name) => from.oneOf(name, GRAINS)),
    ...from.optional('periodAgg', (name) => from.oneOf(name, ['first', 'last', 'average'])),
  };
  from.done();
  if (metric.window !== undefined && metric.grainToDate !== undefined)
    from.problem('grainToDate', 'EXACTLY_ONE', 'cannot stand beside window', undefined);
  return metric;
}

function readConversion(from: DefinitionReader): ConversionMetric {
  const metric: ConversionMetric = {
    base: selectionAt(from, 'base'),
    conversion: selectionAt(from, 'conversion'),
    ...readEntity(from),
    ...from.optional('window', (name) => readDuration(from, name)),
    calculation: from.oneOf('calculation', ['conversions', 'conversion_rate']),
    ...from.optional('counting', (name) => from.oneOf(name, ['events', 'converters'])),
    ...from.optional('dimensions', () => readDimensions(from)),
  };
  from.done();
  return metric;
}

function readFunnel(from: DefinitionReader): FunnelMetric {
  const metric: FunnelMetric = {
    ...readEntity(from),
    order: from.oneOf('order', ['ordered', 'strict', 'unordered']),
    window: readDuration(from, 'window'),
    steps: from.parts('steps', { min: 2, max: MAX_STEPS }, (part) => {
      const step = {
        name: part.text('name', { max: 100 }),
        ...readSelection(part),
        ...part.optional('within', (name) => readDuration(part, name)),
      };
      part.done();
      return step;
    }),
    ...from.optional('exclude', (name) =>
      from.parts(name, { min: 0, max: MAX_STEPS }, (part) => {
        const bounds = { min: 1, max: MAX_STEPS, integer: true };
        const exclusion = {
          ...readSelection(part),
          ...part.optional('after', (at) => part.number(at, bounds)),
          ...part.optional('before', (at) => part.number(at, bounds)),
        };
        part.done();
        return exclusion;
      }),
    ),
    ...from.optional('rangeAppliesTo', (name) => from.oneOf(name, ['entry', 'every_step'])),
  };
  from.done();
  reportRepeated(
    from,
    'steps',
    metric.steps.map(({ name }) => name),
  );
  metric.exclude?.forEach(({ after = 1, before = metric.steps.length }, index) => {
    if (before > metric.steps.length || after >= before)
      from.problem(
        `exclude[${index}]`,
        'OUT_OF_RANGE',
        `must lie between two of ${metric.steps.length} steps, not after ${after} and before ${before}`,
        undefined,
      );
  });
  if (metric.order === 'unordered' && (metric.exclude?.length ?? 0) > 0)
    from.problem('exclude', 'NOT_ALLOWED', 'needs an order of steps', undefined);
  if (metric.order === 'unordered' && metric.steps.some(({ within }) => within !== undefined))
    from.problem('steps', 'NOT_ALLOWED', 'within needs an order of steps', undefined);
  return metric;
}

function readRetention(from: DefinitionReader): RetentionMetric {
  const metric: RetentionMetric = {
    ...readEntity(from),
    start: selectionAt(from, 'start'),
    return: selectionAt(from, 'return'),
    mode: from.oneOf('mode', ['bounded', 'rolling']),
    period: from.oneOf('period', ['day', 'week', 'month']),
    periods: from.number('periods', { min: 1, max: 400, integer: true }),
    ...from.optional('cohort', (name) => from.oneOf(name, ['first', 'every'])),
  };
  from.done();
  return metric;
}

function readSession(from: DefinitionReader): SessionMetric {
  const metric: SessionMetric = {
    events: from.parts('events', { min: 1, max: MAX_STEPS }, (part) => {
      const selection = readSelection(part);
      part.done();
      return selection;
    }),
    ...readEntity(from),
    gap: readDuration(from, 'gap'),
    measure: from.oneOf('measure', ['sessions', 'average_duration', 'events_per_session', 'bounce_rate']),
  };
  from.done();
  return metric;
}

function readServing(from: DefinitionReader): ServingPolicy {
  const serving: ServingPolicy = {
    ...from.optional('joinToTimespine', (name) => from.flag(name)),
    ...from.optional('fillNullsWith', (name) => from.number(name, { min: -1e12, max: 1e12 })),
    ...from.optional('timeZone', (name) => from.text(name, { max: 100 })),
  };
  from.done();
  if (serving.timeZone !== undefined && !isTimeZone(serving.timeZone))
    from.problem(
      'timeZone',
      'UNKNOWN_TIME_ZONE',
      `${JSON.stringify(serving.timeZone)} is no IANA time zone`,
      undefined,
    );
  return serving;
}

function readEntity(from: DefinitionReader): { entity?: string } {
  return from.optional('entity', (name) => from.text(name, { max: 300 }));
}

function readDuration(from: DefinitionReader, name: string): string {
  const text = from.text(name, { max: 20 });
  if (text !== '' && !parseDuration(text))
    from.problem(
      name,
      'INVALID_DURATION',
      `must be a duration above zero like 30m, 7d or 1 month, not ${JSON.stringify(text)}`,
      undefined,
    );
  return text;
}
