import { DateTime } from 'luxon';
import { locate, ZoneOffsets } from '@paddock/time-zones';
import type { DurationUnit } from './duration.js';

/** A time as a clock on the wall shows it: milliseconds since 1970 as if the clock stood at UTC. */
export type Wall = number;

/** Units of the calendar. Their length depends on the zone and the date; all others are exact. */
export type CalendarUnit = Exclude<DurationUnit, 'second' | 'minute' | 'hour'>;

/** The range that time zone databases and the store support; instants outside it are not used. */
const EARLIEST: Wall = Date.UTC(1900, 0, 2);
const LATEST: Wall = Date.UTC(2299, 11, 30);
const MAX_AMOUNT = 400 * 366;

/** What the clock of a zone shows at an instant. */
export function wallAt(instant: number, zone: string): Wall {
  return instant + ZoneOffsets.of(zone).at(instant);
}

/** When the clock of a zone shows a time: the first of two such instants, or the end of the gap that it lies in. */
export function instantOf(wall: Wall, zone: string): number {
  return locate(wall, zone).instant;
}

/** The start of the calendar's day, week, month, quarter or year; weeks start on Monday (ISO 8601). */
export function startOf(wall: Wall, unit: CalendarUnit): Wall {
  return DateTime.fromMillis(wall, { zone: 'utc' }).startOf(unit).toMillis();
}

/** Adds calendar units. A month that lacks the day gives its last one: 31 January plus a month is 28 or 29 February. */
export function plus(wall: Wall, amount: number, unit: CalendarUnit): Wall {
  const units = Math.max(-MAX_AMOUNT, Math.min(MAX_AMOUNT, amount));
  return Math.max(
    EARLIEST,
    Math.min(
      LATEST,
      DateTime.fromMillis(wall, { zone: 'utc' })
        .plus({ [`${unit}s`]: units })
        .toMillis(),
    ),
  );
}
