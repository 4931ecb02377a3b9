import { expect, test } from 'vitest';
import { Liveness } from './liveness.mjs';

const SETTINGS = { everyMs: 1_000, timeoutMs: 1_000, hungAfterMs: 5_000 };

/** At which of these probes, each [seconds, answered], does it hang? */
function hangsAt(probes: readonly (readonly [number, boolean])[]): number | undefined {
  const liveness = new Liveness(SETTINGS);
  return probes.find(([seconds, answered]) => liveness.hangs(answered, seconds * 1_000))?.[0];
}
const silent = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, false] as const);

test('a process that answered and then is silent for long enough hangs', () => {
  expect(hangsAt([[0, true], ...silent(1, 20)])).toBe(5);
});

test('one answer in between begins the count again', () => {
  expect(hangsAt([[0, true], ...silent(1, 4), [5, true], ...silent(6, 20)])).toBe(10);
});

test('a process that never answered may be starting', () => {
  expect(hangsAt(silent(0, 60))).toBeUndefined();
});

test('time in which the supervisor itself stood still does not count', () => {
  expect(
    hangsAt([
      [0, true],
      [1, false],
      [100, false],
      [101, false],
      [200, false],
      [201, false],
    ]),
  ).toBeUndefined();
  expect(hangsAt([[0, true], [100, false], ...silent(101, 120)])).toBe(105);
});
