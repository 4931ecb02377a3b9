import { type Minute, WINDOW_MS } from '../store/store.js';

/** Windows next to each other; `end` exclusive. */
export interface MinuteRange {
  start: Minute;
  end: Minute;
}

/** With more ranges than this, a statement is slower than one that reads a few extra windows. */
const MAX_RANGES = 50;

/** Joins windows into ranges, oldest first; where these would be too many, the windows between them are included. */
export function minuteRanges(minutes: Iterable<Minute>, maxRanges = MAX_RANGES): MinuteRange[] {
  const sorted = [...new Set(minutes)].sort((a, b) => a - b);
  for (let gap = 1; ; gap *= 4) {
    const ranges: MinuteRange[] = [];
    for (const minute of sorted) {
      const last = ranges.at(-1);
      if (last && minute - last.end < gap) last.end = minute + 1;
      else ranges.push({ start: minute, end: minute + 1 });
    }
    if (ranges.length <= maxRanges) return ranges;
  }
}

/** A condition on raw events: that they lie in one of the ranges. */
export function rawCondition(ranges: readonly MinuteRange[]): string {
  if (ranges.length === 0) return '0';
  return `(${ranges.map(({ start, end }) => `(_time >= ${instant(start)} AND _time < ${instant(end)})`).join(' OR ')})`;
}

/** A condition on rows of a rollup: that they lie in none of the ranges. */
export function outsideCondition(ranges: readonly MinuteRange[]): string {
  if (ranges.length === 0) return '1';
  return `NOT ${insideCondition(ranges)}`;
}

/**
 * The same by the column `_minute`, which costs a fraction of reading `_time`, because events are sorted by it. The
 * index knows only `_time`, so it gets that as a hint.
 */
export function minuteCondition(ranges: readonly MinuteRange[]): string {
  return `(indexHint(${rawCondition(ranges)}) AND ${insideCondition(ranges, '_minute')})`;
}

/** A condition on rows of a rollup: that they lie in one of the ranges. */
export function insideCondition(ranges: readonly MinuteRange[], column = 'w'): string {
  return ranges.length === 0
    ? '0'
    : `(${ranges.map(({ start, end }) => `(${column} >= ${second(start)} AND ${column} < ${second(end)})`).join(' OR ')})`;
}

export function second(minute: Minute): string {
  return `toDateTime(${minute * 60}, 'UTC')`;
}

function instant(minute: Minute): string {
  return `fromUnixTimestamp64Milli(toInt64(${minute * WINDOW_MS}), 'UTC')`;
}
