import type { Interval } from './interval.js';

/** Instants at which some interval begins or ends, in order: between two of them all events belong to the same intervals. */
export function boundaries(intervals: readonly Interval[]): number[] {
  return [...new Set(intervals.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
}

/** How instants become indexes of intervals, in two steps: rows are grouped by the first one, so the second is done once per group. */
export interface Placement {
  /**
   * SQL that turns an instant (milliseconds) within the intervals into a cell. All instants of a cell belong to the
   * same intervals.
   */
  cell: (milliseconds: string) => string;
  /** SQL that turns the column `cell` into the index of an interval. */
  place: string;
  /** Every cell belongs to exactly one interval, and every interval has one cell. */
  single: boolean;
}

/** Intervals of one length that follow each other, as almost all are, need a division and no search. */
export function placement(intervals: readonly Interval[], bounds: readonly number[]): Placement {
  const [first] = intervals;
  const step = first ? first.end - first.start : 0;
  if (
    first &&
    step > 0 &&
    intervals.every(({ start, end }, index) => start === first.start + index * step && end - start === step)
  ) {
    return {
      cell: (milliseconds) => `intDiv(toInt64(${milliseconds}) - (${first.start}), ${step})`,
      place: 'cell',
      single: true,
    };
  }
  return {
    cell: (milliseconds) => cellOf(milliseconds, bounds),
    place: placeOf(intervals, bounds),
    single: areApart(intervals, bounds),
  };
}

/** SQL that turns an instant (milliseconds) into the boundary at or before it; instants before the first one are excluded by a condition. */
export function cellOf(milliseconds: string, bounds: readonly number[]): string {
  return `roundDown(toInt64(${milliseconds}), ${integers(bounds)})`;
}

/** SQL that turns the boundary named `cell` into the index of the interval it belongs to, as often as there are such intervals. */
export function placeOf(intervals: readonly Interval[], bounds: readonly number[]): string {
  const starts = integers(intervals.map(({ start }) => start));
  // Cells between intervals were excluded before; the rest are one to one.
  if (areApart(intervals, bounds)) return `indexOf(${starts}, cell) - 1`;
  return `arrayJoin(arrayFilter(i -> ${starts}[i] <= cell AND cell < ${integers(intervals.map(({ end }) => end))}[i], range(1, ${intervals.length + 1}))) - 1`;
}

function areApart(intervals: readonly Interval[], bounds: readonly number[]): boolean {
  // An empty interval, such as the repeated autumn hour gives a week earlier, would take events of the next interval
  // that starts there.
  return (
    bounds.length <= 2 * intervals.length &&
    intervals.every(({ start, end }, index) => end > start && start >= (intervals[index - 1]?.end ?? -Infinity))
  );
}

/** One literal: a conversion of every number takes the engine longer than most answers from rollups. */
export function integers(numbers: readonly number[]): string {
  return `CAST([${numbers.join(', ')}], 'Array(Int64)')`;
}
