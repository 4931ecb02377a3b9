import { DateTime, IANAZone } from 'luxon';
import type { Duration } from './duration.js';

/** The lengths of time buckets, from the finest. */
export const GRAINS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** A bucket of time: instants in milliseconds since 1970, `end` exclusive. */
export interface Bucket {
  start: number;
  end: number;
}

/** Whether the zone exists: an IANA name such as `Europe/London`. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  const valid = IANAZone.isValidZone(name);
  if (valid && knownZones.size < MAX_KNOWN_ZONES) knownZones.add(name);
  return valid;
}

/** Finding out costs half a millisecond. Names are accepted in any case, so they are not kept without end. */
const knownZones = new Set<string>();
const MAX_KNOWN_ZONES = 1_000;

/** The start of the bucket that an instant falls into, on the wall clock of a zone; weeks start on Monday (ISO 8601). */
export function bucketStart(instant: number, grain: Grain, zone: string): number {
  return DateTime.fromMillis(instant, { zone }).startOf(grain).toMillis();
}

/**
 * The buckets that cover `from` (inclusive) to `to` (exclusive). Steps are taken on the calendar, never by adding 24
 * hours: a local day has 23, 24 or 25 of them. Buckets are told apart by instants, since a wall-clock hour may repeat.
 */
export function buckets(from: number, to: number, grain: Grain, zone: string): Bucket[] {
  const found: Bucket[] = [];
  let start = bucketStart(from, grain, zone);
  while (start < to) {
    const end = nextBucket(start, grain, zone);
    found.push({ start, end });
    start = end;
  }
  return found;
}

function nextBucket(start: number, grain: Grain, zone: string): number {
  const step = grain === 'quarter' ? { quarters: 1 } : { [`${grain}s`]: 1 };
  const next = DateTime.fromMillis(start, { zone }).plus(step).startOf(grain).toMillis();
  // Where the clock jumps over the start of a day, the start of the next one still lies ahead.
  return next > start ? next : DateTime.fromMillis(start, { zone }).plus(step).toMillis();
}

/**
 * Moves an instant by calendar units on the wall clock of a zone. A month that lacks the day gives its last one
 * (31 January plus one month is 28 or 29 February), so use {@link shiftBucket} for buckets, where that loses days.
 */
export function shift(instant: number, { amount, unit }: Duration, zone: string, direction: 1 | -1): number {
  return DateTime.fromMillis(instant, { zone }).plus({ [`${unit}s`]: direction * amount }).toMillis();
}

/** Whether adding a duration and taking it away again gives the same instant back: not so for 31 January plus a month. */
export function shiftsBack(instant: number, duration: Duration, zone: string): boolean {
  return shift(shift(instant, duration, zone, -1), duration, zone, 1) === instant;
}
