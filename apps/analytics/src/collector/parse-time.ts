const UTC_MILLISECONDS = 'YYYY-MM-DDTHH:MM:SS.sssZ'.length;
const MINUTE_PREFIX = 'YYYY-MM-DDTHH:MM'.length;
const ZERO = 48;

let lastPrefix = '';
let lastMinute = NaN;

/**
 * `Date.parse` of a text. Events of a request mostly lie in the same few minutes, and all clients write
 * `2026-11-20T18:00:00.000Z`: the minute is parsed once and the seconds are read from their digits, which is what a
 * third of the time of checking an event went into.
 */
export function parseTime(text: string): number {
  if (text.length !== UTC_MILLISECONDS || text[MINUTE_PREFIX] !== ':' || text[19] !== '.' || text[23] !== 'Z') return Date.parse(text);
  const [tens, ones, hundreds, tenths, units] = [digit(text, 17), digit(text, 18), digit(text, 20), digit(text, 21), digit(text, 22)];
  if (tens < 0 || tens > 5 || ones < 0 || hundreds < 0 || tenths < 0 || units < 0) return Date.parse(text);
  const prefix = text.slice(0, MINUTE_PREFIX);
  if (prefix !== lastPrefix) {
    lastMinute = Date.parse(`${prefix}:00.000Z`);
    lastPrefix = prefix;
  }
  return lastMinute + tens * 10_000 + ones * 1_000 + hundreds * 100 + tenths * 10 + units;
}

/** The digit at a place, below 0 where there is none. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value <= 9 ? value : -1;
}
