import { instantLiteral } from '@paddock/metrics';
import { minuteCondition, type MinuteRange, rawCondition, second } from '../processor/minute-ranges.js';
import { WINDOW_MS } from '../store/store.js';
import { type Interval, spanOf } from './interval.js';
import { gaps } from './read-ranges.js';

/** How statements filter raw events by time. */
export interface EventTimes {
  /** A condition: that they lie in one of the intervals, and in one of the ranges where some are given. */
  during: (ranges?: readonly MinuteRange[]) => string;
  /** SQL of the time in milliseconds, as exactly as the intervals need it. */
  milliseconds: string;
}

/** The range of a column of seconds, less a day. */
const [EARLIEST, LATEST] = [Date.UTC(1970, 0, 2), Date.UTC(2106, 0, 1)];

/**
 * By whole minutes where no boundary cuts one: it halves the cost of a sum, which reads more bytes of times than of
 * values.
 */
export function eventTimes(intervals: readonly Interval[], bounds: readonly number[]): EventTimes {
  const { start, end } = spanOf(intervals);
  if (start >= EARLIEST && end <= LATEST && bounds.every((bound) => bound % WINDOW_MS === 0)) {
    const span = [{ start: start / WINDOW_MS, end: end / WINDOW_MS }];
    const apart = gaps(intervals, '_minute', (at) => second(at / WINDOW_MS));
    return {
      during: (ranges) => `${minuteCondition(span)} AND ${apart}${ranges ? ` AND ${minuteCondition(ranges)}` : ''}`,
      milliseconds: 'toInt64(toUnixTimestamp(_minute)) * 1000',
    };
  }
  const within = `_time >= ${instantLiteral(start)} AND _time < ${instantLiteral(end)} AND ${gaps(intervals, '_time', instantLiteral)}`;
  return {
    during: (ranges) => (ranges ? `${within} AND ${rawCondition(ranges)}` : within),
    milliseconds: 'toUnixTimestamp64Milli(_time)',
  };
}
