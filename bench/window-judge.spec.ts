import { describe, expect, test } from 'vitest';
import { WindowJudge } from './window-judge.js';

/** How many of these arrivals were second ones, in windows of a second, a quarter of a second under way at most. */
function seconds(...arrivals: number[]): number {
  const judge = new WindowJudge(1_000, 250);
  return arrivals.filter((at) => judge.isSecond('a', at)).length;
}

describe('a request for what was asked for in that window', () => {
  test.each([
    ['one in each window', [500, 1_500, 2_500], 0],
    ['the first arrives late and meets the second in its window', [1_001, 1_600, 2_010], 0],
    ['two in one window', [1_500, 1_900, 2_500], 1],
    ['one that may be of the window before, which is taken', [1_400, 2_240, 2_990], 1],
    ['one that may be of the window before, which is free', [400, 2_240, 2_990], 0],
    ['many at once', [1_500, 1_501, 1_502, 1_503], 3],
    ['two right after a boundary, every window taken', [500, 1_010, 1_020, 2_010, 2_020], 2],
  ])('%s', (_, arrivals, expected) => {
    expect(seconds(...arrivals)).toBe(expected);
  });

  test('other things are judged by themselves', () => {
    const judge = new WindowJudge(1_000, 250);
    expect([judge.isSecond('a', 1_500), judge.isSecond('b', 1_500), judge.isSecond('a', 1_500)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
