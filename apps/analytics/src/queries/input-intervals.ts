import { comparedInterval, type MetricInput, type Offset, parseDuration } from '@paddock/metrics';
import type { Interval } from './interval.js';
import { UnanswerableQuery, type SeriesQuery } from './series-answer.js';

/**
 * Where an input of a metric is read for each bucket of a query: in the bucket itself, or in the bucket at its offset.
 * @throws UnanswerableQuery
 */
export function inputIntervals(input: MetricInput, { intervals, grain, timeZone }: SeriesQuery): readonly Interval[] {
  const offset = offsetOf(input);
  if (!offset) return intervals;
  if (!grain)
    throw new UnanswerableQuery(
      'grain',
      'REQUIRED',
      `${input.metric} is read with an offset, which needs the grain of the buckets`,
    );
  return intervals.map((interval) => comparedInterval(interval, offset, grain, timeZone));
}

function offsetOf({ offsetWindow, offsetToGrain }: MetricInput): Offset | undefined {
  const back = offsetWindow === undefined ? undefined : parseDuration(offsetWindow);
  if (back) return { back };
  return offsetToGrain ? { toStartOf: offsetToGrain } : undefined;
}
