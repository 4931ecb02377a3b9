import { expect, vi, test } from 'vitest';
import { SYSTEM_CLOCK } from './clock.js';

test('timer-a-millisecond-early: nothing runs before its time', () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const runs: number[] = [];
    SYSTEM_CLOCK.at(1_250, () => runs.push(Date.now()));
    vi.setSystemTime(999); // The wall clock is one behind the timers, as it is seen to be.
    vi.advanceTimersByTime(250);
    expect(runs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(runs).toEqual([1_250]);
    const takeBack = SYSTEM_CLOCK.at(1_300, () => runs.push(Date.now()));
    vi.setSystemTime(1_249);
    vi.advanceTimersByTime(50);
    takeBack();
    vi.advanceTimersByTime(1_000);
    expect(runs).toEqual([1_250]);
  } finally {
    vi.useRealTimers();
  }
});
