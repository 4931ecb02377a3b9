import { expect, jest, test } from '@jest/globals';
import { SYSTEM_CLOCK } from './clock.js';

test('timer-a-millisecond-early: nothing runs before its time', () => {
  jest.useFakeTimers({ now: 1_000 });
  try {
    const runs: number[] = [];
    SYSTEM_CLOCK.at(1_250, () => runs.push(Date.now()));
    jest.setSystemTime(999); // The wall clock is one behind the timers, as it is seen to be.
    jest.advanceTimersByTime(250);
    expect(runs).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(runs).toEqual([1_250]);
    const takeBack = SYSTEM_CLOCK.at(1_300, () => runs.push(Date.now()));
    jest.setSystemTime(1_249);
    jest.advanceTimersByTime(50);
    takeBack();
    jest.advanceTimersByTime(1_000);
    expect(runs).toEqual([1_250]);
  } finally {
    jest.useRealTimers();
  }
});
