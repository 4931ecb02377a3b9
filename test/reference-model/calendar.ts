import type { Grain } from './definitions.js';
import type { Duration } from './duration.js';
import { changeBetween, instantOf, offsetAt, wallTimeAt } from './wall-clock.js';

/** A bucket of time: instants, `end` exclusive. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
}

const LENGTH_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The buckets that hold `from` (inclusive) to `to` (exclusive): whole ones, without gaps between them. */
export function bucketsBetween(from: number, to: number, grain: Grain, zone: string): Bucket[] {
  const found: Bucket[] = [];
  for (let bucket = bucketAt(from, grain, zone); bucket.start < to; bucket = bucketAt(bucket.end, grain, zone)) {
    found.push(bucket);
  }
  return found;
}

/**
 * The bucket that an instant lies in. A day (a week from Monday, a month …) begins at the first instant at which the
 * clock shows its midnight, or the moment after the gap where the clock jumps over it, and ends where the next one
 * begins. An hour is a stretch of time in which the clock shows that hour and is not set back: an hour that
 * the clock shows twice is two buckets.
 */
export function bucketAt(instant: number, grain: Grain, zone: string): Bucket {
  if (grain === 'second' || grain === 'minute' || grain === 'hour') return clockBucket(instant, LENGTH_MS[grain], zone);
  let wallStart = calendarStart(wallTimeAt(instant, zone), grain);
  for (;;) {
    const wallEnd = calendarStart(addUnits(wallStart, 1, grain), grain);
    const bucket = { start: instantOf(wallStart, zone), end: instantOf(wallEnd, zone) };
    // Where the clock is set back over midnight, it shows the day before once more while the next has begun.
    if (instant < bucket.end) return bucket;
    wallStart = wallEnd;
  }
}

function clockBucket(instant: number, lengthMs: number, zone: string): Bucket {
  const past = wallTimeAt(instant, zone) % lengthMs;
  const [start, end] = [instant - past, instant - past + lengthMs];
  const offset = offsetAt(instant, zone);
  return {
    start: offsetAt(start, zone) === offset ? start : changeBetween(start, instant, zone),
    end: offsetAt(end - 1, zone) === offset ? end : changeBetween(instant, end - 1, zone),
  };
}

/** The bucket that a bucket is compared with: the one that holds its start, moved back on the zone's calendar. */
export function bucketBefore(bucket: Bucket, back: Duration, grain: Grain, zone: string): Bucket {
  return bucketAt(moveInstant(bucket.start, back, -1, zone), grain, zone);
}

/**
 * Moves an instant forward (1) or back (-1). Hours, minutes and seconds are exact. Days and longer units keep the wall
 * time; where a month lacks the day, its last day stands for it.
 */
export function moveInstant(instant: number, { amount, unit }: Duration, direction: 1 | -1, zone: string): number {
  if (unit === 'second' || unit === 'minute' || unit === 'hour') return instant + direction * amount * LENGTH_MS[unit];
  return instantOf(addUnits(wallTimeAt(instant, zone), direction * amount, unit), zone);
}

/** The wall time at which the day, week, month, quarter or year of a wall time begins. */
function calendarStart(wallTime: number, grain: Grain): number {
  const date = new Date(wallTime);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (grain) {
    case 'week':
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7));
    case 'month':
      return Date.UTC(year, month, 1);
    case 'quarter':
      return Date.UTC(year, month - (month % 3), 1);
    case 'year':
      return Date.UTC(year, 0, 1);
    default:
      return Date.UTC(year, month, day);
  }
}

function addUnits(wallTime: number, amount: number, unit: Grain): number {
  switch (unit) {
    case 'week':
      return wallTime + 7 * amount * LENGTH_MS.day;
    case 'month':
      return addMonths(wallTime, amount);
    case 'quarter':
      return addMonths(wallTime, 3 * amount);
    case 'year':
      return addMonths(wallTime, 12 * amount);
    default:
      return wallTime + amount * LENGTH_MS[unit];
  }
}

function addMonths(wallTime: number, amount: number): number {
  const date = new Date(wallTime);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + amount];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay));
  return midnight + (wallTime - calendarStart(wallTime, 'day'));
}
