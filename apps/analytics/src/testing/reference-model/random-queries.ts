import type { Definitions, Grain, Metric } from '../../../../../test/reference-model/definitions.js';
import type { SeriesQuery } from '../../../../../test/reference-model/series.js';
import type { Draw } from './draw.js';
import { ZONES } from './nights.js';
import { type Around, randomTime } from './random-events.js';
import { randomFilter } from './random-filters.js';
import { randomSimple } from './random-metrics.js';

/** A query of any kind, as both sides get it. */
export type Query =
  | { readonly kind: 'series'; readonly query: SeriesQuery }
  | {
      readonly kind: 'funnel';
      readonly key: string;
      readonly from: number;
      readonly to: number;
      readonly breakdown?: string;
    }
  | {
      readonly kind: 'retention';
      readonly key: string;
      readonly from: number;
      readonly to: number;
      readonly zone?: string;
    };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The longest range of a query, so that an answer has some hundred buckets. */
const SPAN_MS: Readonly<Record<Grain, number>> = {
  second: 900_000,
  minute: 14 * HOUR,
  hour: 40 * DAY,
  day: 170 * DAY,
  week: 250 * DAY,
  month: 400 * DAY,
  quarter: 800 * DAY,
  year: 1_500 * DAY,
};

/** A query about one of the metrics, or an exploration of an event. */
export function randomQuery(draw: Draw, definitions: Definitions, around: Around, zone: string): Query {
  const key = draw.pick(Object.keys(definitions.metrics));
  const metric = definitions.metrics[key];
  if (metric?.funnel) {
    return {
      kind: 'funnel',
      key,
      ...randomRange(draw, around, 170 * DAY),
      ...draw.maybe('breakdown', 0.4, () => draw.pick(['sport', 'user', '$session'])),
    };
  }
  const asked = draw.maybe('zone', 0.85, () => (draw.chance(0.7) ? zone : draw.pick(ZONES)));
  if (metric?.retention) {
    const spanMs = { day: 60 * DAY, week: 170 * DAY, month: 300 * DAY }[metric.retention.period];
    return { kind: 'retention', key, ...randomRange(draw, around, spanMs), ...asked };
  }
  const drawn = draw.pick<Grain>([
    'hour',
    'hour',
    'hour',
    'hour',
    'day',
    'day',
    'day',
    'minute',
    'minute',
    'week',
    'month',
    'quarter',
    'year',
    'second',
  ]);
  // The mean over the days of years is read by one statement with a condition for each day, which is slow.
  const grain = isLong(drawn) && averagesDays(key, definitions) ? 'month' : drawn;
  const query = {
    ...randomRange(draw, around, SPAN_MS[grain]),
    grain,
    ...asked,
    ...draw.maybe('compareTo', 0.35, () =>
      draw.pick([
        'PREVIOUS_PERIOD',
        'PREVIOUS_DAY',
        'PREVIOUS_WEEK',
        'PREVIOUS_MONTH',
        'PREVIOUS_QUARTER',
        'PREVIOUS_YEAR',
      ] as const),
    ),
  };
  if (draw.chance(0.12)) return { kind: 'series', query: { ...query, ...exploration(draw, around) } };
  const filtered = filteredEvents(key, definitions);
  return {
    kind: 'series',
    query: {
      ...query,
      metric: key,
      ...(filtered.length > 0
        ? draw.maybe('filter', 0.35, () => randomFilter(draw, around, only(filtered) ?? '*'))
        : {}),
      ...splitting(draw, dimensionsOf(key, definitions), canBeRanked(key, definitions)),
    },
  };
}

function exploration(draw: Draw, around: Around): Partial<SeriesQuery> {
  const { filter: _, dimensions: __, ...measure } = randomSimple(draw, around);
  return {
    measure,
    ...draw.maybe('filter', 0.4, () => randomFilter(draw, around, measure.event)),
    ...splitting(
      draw,
      ['sport', '$user', 'user', '$contract', ...(measure.event === 'bet' ? ['live', 'market', 'odds'] : [])],
      measure.agg !== 'percentile' && measure.accuracy !== 'approximate',
    ),
  };
}

/** By which dimensions, and how many combinations stay apart: all, unless it is certain which are the largest. */
function splitting(draw: Draw, dimensions: readonly string[], canRank: boolean): Partial<SeriesQuery> {
  const chosen = draw.chance(0.65) ? draw.some(dimensions, 2) : [];
  if (chosen.length === 0) return {};
  return { dimensions: chosen, limit: canRank && draw.chance(0.4) ? draw.integer(1, 6) : 1_000 };
}

/** Somewhere around the night, from and to any instant. */
function randomRange(draw: Draw, around: Around, spanMs: number): { from: number; to: number } {
  const inside = draw.chance(0.7) ? around.night : randomTime(draw, around);
  const from = Math.max(0, inside - draw.integer(0, spanMs));
  return { from, to: from + draw.integer(Math.ceil(spanMs / 2), spanMs) };
}

function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

/** The keys of the metrics that a metric is computed from. */
export function inputsOf({ ratio, derived, cumulative }: Metric): string[] {
  const inputs = [
    ...(ratio ? [ratio.numerator, ratio.denominator] : []),
    ...(derived?.inputs ?? []),
    ...(cumulative ? [cumulative] : []),
  ];
  return inputs.map(({ metric }) => metric);
}

function isLong(grain: Grain): boolean {
  return grain === 'quarter' || grain === 'year';
}

/** Whether a metric, or one that it is computed from, is a mean over the days of a bucket. */
function averagesDays(key: string, definitions: Definitions): boolean {
  const metric = definitions.metrics[key];
  if (!metric) return false;
  const isMean = metric.cumulative?.periodAgg === 'average';
  return isMean || inputsOf(metric).some((input) => averagesDays(input, definitions));
}

/** The events on whose fields a filter is put; none where sessions are behind the metric, which cannot be filtered. */
function filteredEvents(key: string, definitions: Definitions): string[] {
  const metric = definitions.metrics[key];
  if (!metric || metric.session) return [];
  if (metric.simple) return [metric.simple.event];
  if (metric.conversion) return [metric.conversion.base.event];
  const behind = inputsOf(metric).map((input) => filteredEvents(input, definitions));
  return behind.some((events) => events.length === 0) ? [] : [...new Set(behind.flat())];
}

/** The dimensions that everything behind a metric has. */
function dimensionsOf(key: string, definitions: Definitions): string[] {
  const metric = definitions.metrics[key];
  if (!metric || metric.session) return [];
  const own = metric.simple ?? metric.conversion;
  if (own) return (own.dimensions ?? []).map(({ name }) => name);
  const [first = [], ...rest] = inputsOf(metric).map((input) => dimensionsOf(input, definitions));
  return first.filter((name) => rest.every((names) => names.includes(name)));
}

/**
 * Whether the largest combinations are certain. They are not for sketches, nor for metrics with an offset, whose input
 * for the whole range is not a bucket.
 */
function canBeRanked(key: string, { metrics }: Definitions): boolean {
  const metric = metrics[key];
  const simple = metric?.simple;
  return simple !== undefined && simple.agg !== 'percentile' && simple.accuracy !== 'approximate';
}
