import { ZoneOffsets } from '@paddock/time-zones';
import { type Duration, EXACT_MS } from './duration.js';
import { instantOf, plus, startOf, wallAt } from './wall-clock.js';

/** The lengths of time buckets, from the finest. */
export const GRAINS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** A bucket of time: instants in milliseconds since 1970, `end` exclusive. */
export interface Bucket {
  start: number;
  end: number;
}

/** The bucket that an instant falls into, on the wall clock of a zone; weeks start on Monday (ISO 8601). */
export function bucketAt(instant: number, grain: Grain, zone: string): Bucket {
  if (grain === 'second' || grain === 'minute' || grain === 'hour') {
    return clockBucket(instant, EXACT_MS[grain], zone);
  }
  let wall = startOf(wallAt(instant, zone), grain);
  let next = plus(wall, 1, grain);
  let bucket = { start: instantOf(wall, zone), end: instantOf(next, zone) };
  // Clocks that go back over midnight show the end of a day once more: it belongs to the day that has begun.
  while (bucket.end <= instant) {
    wall = next;
    next = plus(wall, 1, grain);
    bucket = { start: bucket.end, end: instantOf(next, zone) };
  }
  return bucket;
}

/** The start of the bucket that an instant falls into. */
export function bucketStart(instant: number, grain: Grain, zone: string): number {
  return bucketAt(instant, grain, zone).start;
}

/**
 * The buckets that cover `from` (inclusive) to `to` (exclusive). Steps are taken on the calendar, never by adding 24
 * hours: a local day has 23, 24 or 25 of them. Buckets are identified by instants, since a wall-clock hour may repeat.
 */
export function buckets(from: number, to: number, grain: Grain, zone: string): Bucket[] {
  const found: Bucket[] = [];
  for (let at = from; at < to; at = found.at(-1)?.end ?? to) found.push(bucketAt(at, grain, zone));
  return found;
}

/**
 * Moves an instant by a duration. Days and longer units are moved on the wall clock of the zone: of a local time that
 * occurs twice the first one is meant, of one that does not exist the moment after the gap, and a month that lacks the
 * day gives its last one. Hours, minutes and seconds are exact.
 */
export function shift(instant: number, { amount, unit }: Duration, zone: string, direction: 1 | -1): number {
  if (unit === 'second' || unit === 'minute' || unit === 'hour') return instant + direction * amount * EXACT_MS[unit];
  return instantOf(plus(wallAt(instant, zone), direction * amount, unit), zone);
}

/**
 * The full hour, minute or second of an instant, on the clock of a zone. It begins and ends where the clock is changed
 * too: an hour, or half an hour, that the clock shows twice is two buckets.
 */
function clockBucket(instant: number, length: number, zone: string): Bucket {
  const offsets = ZoneOffsets.of(zone);
  const offset = offsets.at(instant);
  const start = Math.floor((instant + offset) / length) * length - offset;
  const end = start + length;
  return {
    start: offsets.at(start) === offset ? start : changeBetween(start, instant, zone),
    end: offsets.at(end - 1) === offset ? end : changeBetween(instant, end - 1, zone),
  };
}

/** The first instant, to the second, of the offset that a zone has at `late` and did not have at `early`. */
function changeBetween(early: number, late: number, zone: string): number {
  const offset = ZoneOffsets.of(zone).at(late);
  let [low, high] = [Math.floor(early / 1_000), Math.floor(late / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (ZoneOffsets.of(zone).at(middle * 1_000) === offset) high = middle;
    else low = middle;
  }
  return high * 1_000;
}
