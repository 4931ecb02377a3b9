import { MINUTES_PER_HOUR } from '../processor/hour-states.js';
import { type MinuteRange, minuteRanges } from '../processor/minute-ranges.js';
import type { Rollup } from '../processor/rollup.js';
import { WINDOW_MS } from '../store/store.js';
import type { Interval } from './interval.js';

export const HOUR_MS = MINUTES_PER_HOUR * WINDOW_MS;

/** Windows of a span that are read by the minute, one row for each, and all others by the hour. */
export function rowsAtMost(fine: readonly MinuteRange[], { start, end }: MinuteRange): number {
  const minutes = fine.reduce((sum, range) => sum + Math.min(end, range.end) - Math.max(start, range.start), 0);
  return minutes + Math.ceil((end - start - minutes) / MINUTES_PER_HOUR);
}

/**
 * Hours that cannot be read as hours: pending ones, those that a boundary cuts, and those partly read from raw events;
 * all hours where none are kept.
 */
export function minutesToRead(
  rollup: Rollup,
  span: MinuteRange,
  bounds: readonly number[],
  raw: readonly MinuteRange[],
): MinuteRange[] {
  if (!rollup.hours) return [span];
  const [first, last] = [Math.floor(span.start / MINUTES_PER_HOUR), Math.ceil(span.end / MINUTES_PER_HOUR)];
  const hours = bounds.filter((bound) => bound % HOUR_MS !== 0).map((bound) => Math.floor(bound / HOUR_MS));
  for (const hour of rollup.hours.pendingHours) if (hour >= first && hour < last) hours.push(hour);
  for (const { start, end } of raw)
    for (let hour = Math.floor(start / MINUTES_PER_HOUR); hour * MINUTES_PER_HOUR < end; hour += 1) hours.push(hour);
  const ranges = minuteRanges(hours).map(({ start, end }) => ({
    start: Math.max(span.start, start * MINUTES_PER_HOUR),
    end: Math.min(span.end, end * MINUTES_PER_HOUR),
  }));
  return ranges.filter(({ start, end }) => start < end);
}

/** Windows to be read from raw events: those the rollup does not cover, and those that a boundary cuts. */
export function rawRanges(rollup: Rollup, span: Interval, bounds: readonly number[]): MinuteRange[] {
  const [first, last] = [Math.floor(span.start / WINDOW_MS), Math.ceil(span.end / WINDOW_MS)];
  const minutes = bounds.filter((bound) => bound % WINDOW_MS !== 0).map((bound) => Math.floor(bound / WINDOW_MS));
  for (const minute of rollup.pendingMinutes) if (minute >= first && minute < last) minutes.push(minute);
  return minuteRanges(minutes);
}

/** Whether one of the ranges contains it entirely. */
export function covers(ranges: readonly MinuteRange[], span: MinuteRange): boolean {
  return ranges.some(({ start, end }) => start <= span.start && end >= span.end);
}

/** Leaves out the time between intervals where they do not touch. */
export function gaps(intervals: readonly Interval[], column: string, literal: (at: number) => string): string {
  const sorted = [...intervals].sort((a, b) => a.start - b.start);
  const conditions: string[] = [];
  let end = -Infinity;
  for (const interval of sorted) {
    if (end !== -Infinity && interval.start > end)
      conditions.push(`NOT (${column} >= ${literal(end)} AND ${column} < ${literal(interval.start)})`);
    end = Math.max(end, interval.end);
  }
  return conditions.length === 0 ? '1' : conditions.join(' AND ');
}
