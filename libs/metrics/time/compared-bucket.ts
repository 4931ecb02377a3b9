import { type Bucket, bucketAt, bucketStart, type Grain, shift } from './calendar.js';
import type { Duration } from './duration.js';

/** Where the compared bucket of a bucket lies: earlier by a duration, or at the start of a longer bucket. */
export type Offset = { back: Duration } | { toStartOf: Grain };

/**
 * The bucket that a bucket is compared with. The start of the bucket is moved by the offset on the calendar of the
 * zone, as {@link shift} does; the bucket of the same grain that contains the moved start is the compared one. So a
 * bucket is always compared with one whole bucket: 28, 29, 30 and 31 March are all compared with 28 February a month earlier.
 */
export function comparedBucket({ start }: Bucket, offset: Offset, grain: Grain, zone: string): Bucket {
  return bucketAt(
    'back' in offset ? shift(start, offset.back, zone, -1) : bucketStart(start, offset.toStartOf, zone),
    grain,
    zone,
  );
}

/** The time that the buckets of an interval are compared with: from the compared bucket of the first to that of the last. */
export function comparedInterval(interval: Bucket, offset: Offset, grain: Grain, zone: string): Bucket {
  const [first, last] = [bucketAt(interval.start, grain, zone), bucketAt(interval.end - 1, grain, zone)];
  const compared = comparedBucket(first, offset, grain, zone);
  return last.start === first.start
    ? compared
    : { start: compared.start, end: comparedBucket(last, offset, grain, zone).end };
}
