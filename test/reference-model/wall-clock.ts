import { IANAZone } from 'luxon';

/*
 * Instants are milliseconds since 1970. A wall time is what a clock of a zone shows, written as the instant at which a
 * clock of UTC would show the same. luxon says how far a zone is from UTC at an instant; all else is decided here.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The wall-clock time of the zone at an instant. */
export function wallTimeAt(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/**
 * The instant at which a clock of the zone shows a wall time. A wall time that occurs twice means its first occurrence;
 * one that the clock jumps over means the moment after the gap.
 */
export function instantOf(wallTime: number, zone: string): number {
  const offsets = [offsetAt(wallTime - DAY_MS, zone), offsetAt(wallTime + DAY_MS, zone)];
  const candidates = offsets.map((offset) => wallTime - offset);
  const shown = candidates.filter((instant) => wallTimeAt(instant, zone) === wallTime);
  if (shown.length > 0) return Math.min(...shown);
  return changeBetween(Math.min(...candidates), Math.max(...candidates), zone);
}

/** The first instant after `from` at which the zone has the offset that it has at `to`. */
export function changeBetween(from: number, to: number, zone: string): number {
  const offset = offsetAt(to, zone);
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle, zone) === offset) after = middle;
    else before = middle;
  }
  return after;
}

/** How far the zone's clock is ahead of UTC, in milliseconds. */
export function offsetAt(instant: number, zone: string): number {
  const key = `${zone} ${Math.floor(instant / MINUTE_MS)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = IANAZone.create(zone).offset(instant) * MINUTE_MS;
  if (offsets.size > MAX_OFFSETS) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

/** Clocks change at whole minutes. */
const offsets = new Map<string, number>();
const MAX_OFFSETS = 200_000;
