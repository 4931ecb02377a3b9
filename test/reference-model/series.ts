import { type Bucket, bucketBefore, bucketsBetween } from './calendar.js';
import { compare, decimal } from './decimal.js';
import type { Definitions, Filter, Grain, SimpleMetric } from './definitions.js';
import type { Duration } from './duration.js';
import type { StoredEvent } from './events.js';
import { exactly, type Figure } from './figure.js';
import { readMetric, readSimple } from './metric-reading.js';
import { type Asked, type Cell, type Outcome, type Part, type Reading } from './reading.js';

/** With what each bucket is compared. */
export type Comparison = 'PREVIOUS_PERIOD' | `PREVIOUS_${'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'}`;

/** A query for a series: of a metric by its key, or of a measure that no metric was defined for. */
export interface SeriesQuery {
  readonly metric?: string;
  readonly measure?: SimpleMetric;
  readonly from: number;
  readonly to: number;
  readonly grain: Grain;
  /** The metric's own zone, or UTC, where left out. */
  readonly zone?: string;
  readonly dimensions?: readonly string[];
  readonly filter?: Filter;
  readonly compareTo?: Comparison;
  /** How many combinations stay apart; 10 where left out. */
  readonly limit?: number;
}

export interface SeriesPoint {
  readonly start: number;
  readonly figure: Figure | null;
  /** Of the compared bucket. */
  readonly previous: Figure | null;
}

/** A row of an answer: one combination of cells, or `'OTHER'`, all that are not kept apart together. */
export interface SeriesRow {
  readonly cells: readonly Cell[] | 'OTHER';
  readonly points: readonly SeriesPoint[];
}

export interface SeriesAnswer {
  readonly buckets: readonly Bucket[];
  readonly rows: readonly SeriesRow[];
}

const DEFAULT_LIMIT = 10;

/** Answers a query for a series from a list of events. */
export function answerSeries(
  definitions: Definitions,
  events: readonly StoredEvent[],
  query: SeriesQuery,
): SeriesAnswer {
  const { metric = '', measure, from, to, grain, dimensions = [], filter, limit = DEFAULT_LIMIT } = query;
  const serving = definitions.metrics[metric]?.serving ?? {};
  const asked: Asked = {
    definitions,
    events,
    grain,
    zone: query.zone ?? serving.timeZone ?? 'UTC',
    dimensions,
    filter,
  };
  const reading = measure ? readSimple(measure, asked) : readMetric(metric, asked);
  const buckets = bucketsBetween(from, to, grain, asked.zone);
  const before = comparedWith(query, buckets, asked);
  const fill = serving.fillNullsWith === undefined ? null : exactly(decimal(serving.fillNullsWith));
  const read = (bucket: Bucket, part: Part): { isThere: boolean; figure: Figure | null } => {
    const { figure, hasEvents } = reading.outcome(bucket, part);
    // A bucket without events may be left out: then nothing is said of it, not even a count of 0.
    const isThere = hasEvents || serving.joinToTimespine !== false;
    return { isThere, figure: (isThere ? figure : null) ?? fill };
  };
  const points = (part: Part): SeriesPoint[] =>
    buckets.flatMap((bucket, index) => {
      const { isThere, figure } = read(bucket, part);
      const earlier = before[index];
      return isThere ? [{ start: bucket.start, figure, previous: earlier ? read(earlier, part).figure : null }] : [];
    });
  const { kept, isLimited } = largest(reading, buckets, asked, limit);
  return {
    buckets,
    rows: [
      ...kept.map((cells) => ({ cells, points: points({ cells }) })),
      ...(isLimited ? [{ cells: 'OTHER' as const, points: points({ restOf: kept }) }] : []),
    ],
  };
}

const UNITS = { DAY: 'day', WEEK: 'week', MONTH: 'month', QUARTER: 'quarter', YEAR: 'year' } as const;

/** The buckets that the buckets of a query are compared with; none where nothing is compared. */
function comparedWith({ compareTo, grain }: SeriesQuery, buckets: readonly Bucket[], { zone }: Asked): Bucket[] {
  if (!compareTo) return [];
  const back: Duration =
    compareTo === 'PREVIOUS_PERIOD'
      ? { amount: buckets.length, unit: grain }
      : { amount: 1, unit: UNITS[unitOf(compareTo)] };
  return buckets.map((bucket) => bucketBefore(bucket, back, grain, zone));
}

function unitOf(comparison: Exclude<Comparison, 'PREVIOUS_PERIOD'>): keyof typeof UNITS {
  switch (comparison) {
    case 'PREVIOUS_DAY':
      return 'DAY';
    case 'PREVIOUS_WEEK':
      return 'WEEK';
    case 'PREVIOUS_MONTH':
      return 'MONTH';
    case 'PREVIOUS_QUARTER':
      return 'QUARTER';
    case 'PREVIOUS_YEAR':
      return 'YEAR';
  }
}

/**
 * The combinations that stay apart: those with the largest figures over the whole time. Those without a figure come
 * last, and of equal ones the first by the bytes of their values, a missing value before all others.
 */
function largest(
  reading: Reading,
  buckets: readonly Bucket[],
  { dimensions }: Asked,
  limit: number,
): { kept: readonly (readonly Cell[])[]; isLimited: boolean } {
  const found = dimensions.length === 0 ? [[]] : reading.combinations(buckets);
  if (found.length <= limit) return { kept: found, isLimited: false };
  const whole = { start: buckets[0]?.start ?? 0, end: buckets.at(-1)?.end ?? 0 };
  const sized = found.map((cells) => ({ cells, outcome: reading.outcome(whole, { cells }) }));
  sized.sort((a, b) => bySize(a.outcome, b.outcome) || byCells(a.cells, b.cells));
  return { kept: sized.slice(0, limit).map(({ cells }) => cells), isLimited: true };
}

function bySize({ figure: a }: Outcome, { figure: b }: Outcome): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  return compare(b.low, a.low);
}

function byCells(a: readonly Cell[], b: readonly Cell[]): number {
  for (const [place, cell] of a.entries()) {
    const other = b[place] ?? null;
    if (cell === other) continue;
    return cell === null ? -1 : other === null ? 1 : Buffer.compare(Buffer.from(cell), Buffer.from(other));
  }
  return 0;
}
