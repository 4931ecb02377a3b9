import { expect, test } from 'vitest';
import { RetryPace } from './retry-pace.js';

test('the pauses double up to ten seconds, and begin again for another target and after a success', () => {
  const pace = new RetryPace();
  expect(Array.from({ length: 8 }, () => pace.failed('a', 0))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  expect(pace.failed('b', 0)).toBe(250);
  pace.succeeded();
  expect(pace.failed('b', 0)).toBe(250);
});

test('a target is due when its pause is over, when upstream says so, and when it is another one', () => {
  const pace = new RetryPace();
  expect(pace.isDue('a', 0)).toBe(true);
  pace.failed('a', 1_000);
  expect(pace.isDue('a', 1_249)).toBe(false);
  expect(pace.isDue('a', 1_250)).toBe(true);
  expect(pace.isDue('b', 1_000)).toBe(true);
  pace.hurry();
  expect(pace.isDue('a', 1_000)).toBe(true);
});
