/** A stretch of time in milliseconds, `end` exclusive. Intervals of one query may overlap. */
export interface Interval {
  start: number;
  end: number;
}

/** The time that all intervals together span. */
export function spanOf(intervals: readonly Interval[]): Interval {
  return {
    start: intervals.reduce((least, { start }) => Math.min(least, start), Infinity),
    end: intervals.reduce((most, { end }) => Math.max(most, end), -Infinity),
  };
}
