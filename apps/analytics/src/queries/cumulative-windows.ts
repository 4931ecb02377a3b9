import { bucketStart, buckets, type CumulativeMetric, parseDuration, shift } from '@paddock/metrics';
import type { Interval } from './interval.js';

/** The time whose events make up a cumulative figure that stands at `end`. */
export function windowUpTo(end: number, { window, grainToDate }: CumulativeMetric, timeZone: string): Interval {
  if (grainToDate) return { start: bucketStart(end - 1, grainToDate, timeZone), end };
  const duration = window === undefined ? undefined : parseDuration(window);
  return { start: duration ? shift(end, duration, timeZone, -1) : 0, end };
}

/** Ends of the local days of a bucket; the last one is that of the bucket. */
export function dayEnds({ start, end }: Interval, timeZone: string): number[] {
  return buckets(start, end, 'day', timeZone).map((day) => Math.min(end, day.end));
}
