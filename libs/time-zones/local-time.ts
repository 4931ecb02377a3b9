import { ZoneOffsets } from './zone-offsets.js';

/** A moment that a clock on the wall of some zone shows: once as a rule, twice when clocks go back, never in a gap. */
export interface LocalMoment {
  /** Epoch milliseconds: the first occurrence, or the end of the gap. */
  instant: number;
  /** The local times that the zone skips around it, where it falls into such a gap: from inclusive, to exclusive. */
  gap?: { from: string; to: string };
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const DAY_MS = 24 * 3600 * 1000;

/**
 * Reads `YYYY-MM-DDTHH:mm[:ss]` as milliseconds on a clock without zone (as if it were UTC).
 * `undefined` where the text has another form or names no real date or time (30 February, 24:00, a leap second).
 */
export function parseLocal(text: string): number | undefined {
  const parts = LOCAL.exec(text);
  if (!parts) return undefined;
  const clock = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  // Date.parse rolls 30 February over to March and 24:00 to the next day: what it read must say the same again.
  if (Number.isNaN(clock) || !formatLocal(clock).startsWith(text)) return undefined;
  return clock;
}

/** The inverse of {@link parseLocal}, always with seconds. */
export function formatLocal(clock: number): string {
  return new Date(clock).toISOString().slice(0, 19);
}

/**
 * Finds when a zone's clocks show a local time. As ECMAScript's Temporal does, it tries the offsets of a day before and
 * a day after, which holds while a zone changes its clocks at most once within those two days.
 */
export function locate(clock: number, zoneName: string): LocalMoment {
  const offsets = ZoneOffsets.of(zoneName);
  const offsetAt = (instant: number): number => offsets.at(instant);
  const before = offsetAt(clock - DAY_MS);
  const after = offsetAt(clock + DAY_MS);
  if (before === after) return { instant: clock - before };
  const fits = [clock - before, clock - after].filter((instant) => clock - instant === offsetAt(instant));
  if (fits.length > 0) return { instant: Math.min(...fits) };
  const change = firstWithOffset(after, clock - after, clock - before, offsetAt);
  return { instant: change, gap: { from: formatLocal(change + before), to: formatLocal(change + after) } };
}

/** The first instant after `early` that has the offset which `late` has, to the second: a zone's change of clocks. */
function firstWithOffset(offset: number, early: number, late: number, offsetAt: (instant: number) => number): number {
  let [low, high] = [Math.floor(early / 1000), Math.ceil(late / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000) === offset) high = middle;
    else low = middle;
  }
  return high * 1000;
}
