import { aggregate } from './aggregate.js';
import { type Bucket, bucketAt, bucketBefore, bucketsBetween, moveInstant } from './calendar.js';
import { readConversion } from './conversion.js';
import { decimal } from './decimal.js';
import type { CumulativeMetric, MetricInput, SimpleMetric } from './definitions.js';
import { dimensionFields } from './dimension-fields.js';
import { readDuration } from './duration.js';
import { evaluate } from './expression.js';
import { exactly, type Figure, over, plus } from './figure.js';
import { fits, selected } from './filters.js';
import { type Asked, cellsOf, Grouped, keyOf, type Reading } from './reading.js';
import { readSessions } from './sessions.js';
import { isInRange } from './versions.js';

/** How a metric that gives one number per bucket is read. */
export function readMetric(key: string, asked: Asked): Reading {
  const metric = asked.definitions.metrics[key];
  if (metric?.simple) return readSimple(metric.simple, asked);
  if (metric?.ratio) {
    const { numerator, denominator } = metric.ratio;
    return combine([numerator, denominator], asked, ([top, bottom]) => (top && bottom ? over(top, bottom) : null));
  }
  if (metric?.derived) {
    const { expr, inputs } = metric.derived;
    const names = inputs.map(({ alias, metric: input }) => alias ?? input.replaceAll(/[-.]/g, '_'));
    return combine(inputs, asked, (figures) => evaluate(expr, (name) => figures[names.indexOf(name)] ?? null));
  }
  if (metric?.cumulative) return readCumulative(metric.cumulative, asked);
  if (metric?.conversion) return readConversion(metric.conversion, asked);
  if (metric?.session) return readSessions(metric.session, asked);
  throw new TypeError(`${key} gives no single number per bucket`);
}

/** An aggregation over the events of a selection. */
export function readSimple(simple: SimpleMetric, asked: Asked): Reading {
  const { contract: range } = simple;
  const events = selected(asked.events, simple)
    .filter((event) => fits(event, asked.filter))
    .filter(({ values }) => range === undefined || isInRange(String(values.get('$contract')), range));
  const fields = dimensionFields(asked.dimensions, simple.dimensions);
  const groups = new Grouped(events, (event) => cellsOf(event, fields));
  return {
    combinations: (buckets) => groups.combinations(buckets),
    outcome(bucket, part) {
      const counted = groups.within(bucket, part);
      return { figure: aggregate(simple, counted), hasEvents: counted.length > 0 };
    },
  };
}

/**
 * Computes a figure from those of other metrics, of the same bucket or the one that an input's offset names. A
 * combination that only one input has is there for the others too: they say of it what they say of nothing.
 */
function combine(
  inputs: readonly MetricInput[],
  asked: Asked,
  compute: (figures: readonly (Figure | null)[]) => Figure | null,
): Reading {
  const readings = inputs.map((input) => ({ reading: readMetric(input.metric, asked), moved: mover(input, asked) }));
  return {
    combinations(buckets) {
      const found = readings.flatMap(({ reading, moved }) => reading.combinations(buckets.map(moved)));
      return [...new Map(found.map((cells) => [keyOf(cells), cells])).values()];
    },
    outcome(bucket, part) {
      const outcomes = readings.map(({ reading, moved }) => reading.outcome(moved(bucket), part));
      const hasEvents = outcomes.some((outcome) => outcome.hasEvents);
      return { figure: compute(outcomes.map(({ figure }) => figure)), hasEvents };
    },
  };
}

/** In which bucket an input is read. */
function mover({ offsetWindow, offsetToGrain }: MetricInput, { grain, zone }: Asked): (bucket: Bucket) => Bucket {
  if (offsetToGrain) return ({ start }) => bucketAt(bucketAt(start, offsetToGrain, zone).start, grain, zone);
  if (offsetWindow === undefined) return (bucket) => bucket;
  const back = readDuration(offsetWindow);
  return (bucket) => bucketBefore(bucket, back, grain, zone);
}

/** A metric over a window that ends where the bucket ends, or where the days of a longer bucket end. */
function readCumulative(cumulative: CumulativeMetric, asked: Asked): Reading {
  const reading = readMetric(cumulative.metric, asked);
  const windows = (bucket: Bucket): Bucket[] =>
    windowEnds(bucket, cumulative, asked).map((end) => ({ start: windowStart(end, cumulative, asked.zone), end }));
  return {
    combinations: (buckets) => reading.combinations(buckets.flatMap(windows)),
    outcome(bucket, part) {
      const outcomes = windows(bucket).map((window) => reading.outcome(window, part));
      const hasEvents = outcomes.some((outcome) => outcome.hasEvents);
      return { figure: mean(outcomes.flatMap(({ figure }) => figure ?? [])), hasEvents };
    },
  };
}

/** The last day of a bucket stands for it, or the first one, or the mean of all; a shorter bucket has one. */
function windowEnds({ start, end }: Bucket, { periodAgg = 'last' }: CumulativeMetric, { zone }: Asked): number[] {
  const days = bucketsBetween(start, end, 'day', zone).map((day) => Math.min(day.end, end));
  if (periodAgg === 'average') return days;
  return periodAgg === 'first' ? days.slice(0, 1) : [end];
}

function windowStart(end: number, { window, grainToDate }: CumulativeMetric, zone: string): number {
  if (grainToDate) return bucketAt(end - 1, grainToDate, zone).start;
  return window === undefined ? -Infinity : moveInstant(end, readDuration(window), -1, zone);
}

function mean(figures: readonly Figure[]): Figure | null {
  const [first, ...rest] = figures;
  if (!first || rest.length === 0) return first ?? null;
  return over(rest.reduce(plus, first), exactly(decimal(figures.length)));
}
