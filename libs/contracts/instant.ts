/** The message about a text that is no instant. */
export const INSTANT_EXPECTED = 'a date and time as RFC 3339 writes it, with an offset, such as 2026-11-20T18:00:00Z';

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/i;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The Gregorian calendar repeats itself after 400 years; `Date.UTC` reads years below 100 as years of 1900. */
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * DAY_MS;

/** The ends of June and December of these years had a second 60 (IERS Bulletin C). None was announced since. */
const LEAP_JUNES = [1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015];
const LEAP_DECEMBERS = [1972, 1973, 1974, 1975, 1976, 1977, 1978, 1979, 1987, 1989, 1990, 1995, 1998, 2005, 2008, 2016];
const AFTER_LEAP_SECOND: ReadonlySet<number> = new Set([
  ...LEAP_JUNES.map((year) => Date.UTC(year, 6, 1)),
  ...LEAP_DECEMBERS.map((year) => Date.UTC(year + 1, 0, 1)),
]);

const UTC_MILLISECONDS = 'YYYY-MM-DDTHH:MM:SS.sssZ'.length;
const MINUTE_PREFIX = 'YYYY-MM-DDTHH:MM'.length;
const ZERO = 48;

let lastPrefix = '';
let lastMinute: number | undefined;

/**
 * Reads an instant as RFC 3339, section 5.6, writes it: milliseconds since 1970, `undefined` for anything else. The
 * offset is required, `T` and `Z` may be in lower case, the date must exist, the hour is at most 23. A fraction may
 * have any number of digits; what is finer than a millisecond is cut off. Second 60 is read only where UTC had a leap
 * second, as the last millisecond of the second before, so that it stays on its day.
 *
 * Events of a request mostly lie in the same few minutes, and most clients write `2026-11-20T18:00:00.000Z`: the minute
 * is read once and the rest from its digits, which saves a third of the time of checking an event.
 */
export function parseInstant(text: string): number | undefined {
  if (text.length !== UTC_MILLISECONDS || text[16] !== ':' || text[19] !== '.' || text[23] !== 'Z')
    return parseAny(text);
  const tens = digit(text, 17);
  const fraction = digit(text, 20) * 100 + digit(text, 21) * 10 + digit(text, 22);
  const seconds = tens * 10 + digit(text, 18);
  if (!(tens <= 5) || Number.isNaN(seconds + fraction)) return parseAny(text);
  const prefix = text.slice(0, MINUTE_PREFIX);
  if (prefix !== lastPrefix) {
    lastMinute = parseAny(`${prefix}:00Z`);
    lastPrefix = prefix;
  }
  return lastMinute === undefined ? undefined : lastMinute + seconds * SECOND_MS + fraction;
}

/** The digit at a position, NaN for any other character. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : NaN;
}

/** Bound once, because unordered events are all read this way. */
const toNumber = Number;
const { UTC: utc } = Date;

function parseAny(text: string): number | undefined {
  const parts = SHAPE.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = parts;
  const midnight = midnightOf(toNumber(year), toNumber(month), toNumber(day));
  const [hours, minutes, seconds] = [toNumber(hour), toNumber(minute), toNumber(second)];
  const [offsetHours, offsetMinutes] = [toNumber(offsetHour), toNumber(offsetMinute)];
  if (midnight === undefined || hours > 23 || minutes > 59 || seconds > 60 || offsetHours > 23 || offsetMinutes > 59)
    return undefined;
  const offset = (sign === '-' ? -1 : 1) * (offsetHours * HOUR_MS + offsetMinutes * MINUTE_MS);
  const startOfMinute = midnight + hours * HOUR_MS + minutes * MINUTE_MS - offset;
  if (seconds === 60)
    return AFTER_LEAP_SECOND.has(startOfMinute + MINUTE_MS) ? startOfMinute + MINUTE_MS - 1 : undefined;
  return startOfMinute + seconds * SECOND_MS + toNumber(fraction.slice(0, 3).padEnd(3, '0'));
}

/** The start of a day in UTC; `undefined` where there is no such day. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(utc(year + CYCLE_YEARS, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() - CYCLE_MS : undefined;
}
