import { describe, expect, it } from 'vitest';
import { buckets } from '@paddock/metrics';
import { boundaries, placement } from './cell-sql.js';
import type { Interval } from './interval.js';

const placed = (intervals: Interval[]) => {
  const { cell, place, single } = placement(intervals, boundaries(intervals));
  return { cell: cell('t'), place, single };
};

describe('placement', () => {
  it('divides where intervals of one length follow each other, also before 1970', () => {
    expect(
      placed([
        { start: -50, end: 50 },
        { start: 50, end: 150 },
      ]),
    ).toEqual({ cell: 'intDiv(toInt64(t) - (-50), 100)', place: 'cell', single: true });
  });

  it.each<[string, Interval[], boolean]>([
    [
      'days among which one has 23 hours',
      buckets(Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 31), 'day', 'Europe/London'),
      true,
    ],
    [
      'intervals with a gap',
      [
        { start: 0, end: 100 },
        { start: 200, end: 300 },
      ],
      true,
    ],
    [
      'intervals of one length that overlap',
      [
        { start: 0, end: 100 },
        { start: 50, end: 150 },
      ],
      false,
    ],
    [
      'intervals that stand backwards',
      [
        { start: 100, end: 200 },
        { start: 0, end: 100 },
      ],
      false,
    ],
    [
      'an empty interval before one that starts where it does',
      [
        { start: 0, end: 0 },
        { start: 0, end: 100 },
      ],
      false,
    ],
    [
      'the same interval twice',
      [
        { start: 0, end: 100 },
        { start: 0, end: 100 },
      ],
      false,
    ],
  ])('searches for %s', (_, intervals, single) => {
    expect(placed(intervals)).toMatchObject({
      cell: expect.stringMatching(/^roundDown\(toInt64\(t\), CAST\(\[/),
      single,
    });
  });
});
