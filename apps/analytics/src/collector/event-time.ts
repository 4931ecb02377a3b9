import { INSTANT_EXPECTED, parseInstant } from '@paddock/contracts';
import { type Rejection, reject } from './rejection.js';

const EARLIEST = 0;
const LATEST = Date.UTC(2100, 0, 1);
/** As milliseconds 3 March 1973, as seconds the year 5138. */
const FIRST_MILLISECONDS = 1e11;

/** Whether a number that should be milliseconds since 1970 was counted in seconds. */
export function looksLikeSeconds(count: number): boolean {
  return Math.abs(count) < FIRST_MILLISECONDS;
}

/** Whether the store can hold a time, in milliseconds. */
export function isStorableTime(time: number): boolean {
  return time >= EARLIEST && time < LATEST;
}

/**
 * Reads a time that an event or its envelope claims: an RFC 3339 date-time, or whole milliseconds since 1970 (a fraction
 * is cut off). Numbers that can only be seconds are refused, since they would be read as days of January 1970.
 */
export function readTime(value: unknown, field: string): number | Rejection {
  if (typeof value === 'number') {
    if (looksLikeSeconds(value))
      return reject(
        'TIME_INVALID',
        `is ${value}, which looks like seconds; milliseconds since 1970 are expected, from ${FIRST_MILLISECONDS} on`,
        field,
      );
    return isStorableTime(value) ? Math.trunc(value) : outOfRange(field);
  }
  const time = typeof value === 'string' ? parseInstant(value) : undefined;
  if (time === undefined) return reject('TIME_INVALID', `must be ${INSTANT_EXPECTED}`, field);
  return isStorableTime(time) ? time : outOfRange(field);
}

function outOfRange(field: string): Rejection {
  return reject('TIME_INVALID', 'must lie between 1970 and 2100', field);
}
