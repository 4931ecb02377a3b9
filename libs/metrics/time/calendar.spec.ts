import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { bucketAt, buckets, bucketStart, GRAINS, shift } from './calendar.js';
import { parseDuration } from './duration.js';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const ZONE = fc.constantFrom(
  'UTC',
  'Europe/London',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'Pacific/Apia',
  'America/Havana',
  'Atlantic/Azores',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Pacific/Chatham',
  'America/Caracas',
  'Africa/Casablanca',
);
/** Any time, and the nights in which many of these zones change their clocks. */
const INSTANT = fc.oneof(
  fc.integer({ min: at('2005-01-01'), max: at('2030-01-01') }),
  fc
    .constantFrom(
      '2026-03-29',
      '2026-10-25',
      '2026-03-08',
      '2026-11-01',
      '2026-04-04',
      '2026-10-03',
      '2011-12-30',
      '2018-11-04',
      '2010-11-07',
      '2007-12-09',
    )
    .chain((day) => fc.integer({ min: at(day) - 36 * HOUR, max: at(day) + 36 * HOUR })),
);

describe('buckets', () => {
  it('gives the local day 23 hours in spring and 25 in autumn', () => {
    const lengths = (from: string, to: string, zone: string) =>
      buckets(at(from), at(to), 'day', zone).map(({ start, end }) => (end - start) / HOUR);
    expect(lengths('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', 'Europe/London')).toEqual([24, 23, 24]);
    expect(lengths('2024-11-02T12:00:00Z', '2024-11-04T12:00:00Z', 'America/New_York')).toEqual([24, 25, 24]);
  });

  it('tells the hour that comes twice apart', () => {
    const hours = buckets(at('2026-10-25T00:00:00Z'), at('2026-10-25T03:00:00Z'), 'hour', 'Europe/London');
    expect(hours).toHaveLength(3);
    expect(new Set(hours.map(({ start }) => start)).size).toBe(3);
  });

  it('starts a day later where its midnight does not exist', () => {
    // In Beirut the clock went from 00:00 to 01:00 on 27 March 2022.
    const days = buckets(at('2022-03-26T12:00:00Z'), at('2022-03-28T12:00:00Z'), 'day', 'Asia/Beirut');
    expect(days.map(({ start, end }) => (end - start) / HOUR)).toEqual([24, 23, 24]);
  });

  it('starts weeks on Monday', () => {
    expect(new Date(bucketStart(at('2026-11-22T10:00:00Z'), 'week', 'UTC')).toISOString()).toBe(
      '2026-11-16T00:00:00.000Z',
    );
  });

  it.each([
    [
      'Havana, whose midnight comes twice',
      '2026-11-01T15:00:00Z',
      'America/Havana',
      'day',
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
    ],
    [
      'the Azores, the same',
      '2026-10-25T15:00:00Z',
      'Atlantic/Azores',
      'day',
      '2026-10-25T00:00:00.000Z',
      '2026-10-26T01:00:00.000Z',
    ],
    [
      'the month in which that happens first',
      '2026-11-15T12:00:00Z',
      'America/Havana',
      'month',
      '2026-11-01T04:00:00.000Z',
      '2026-12-01T05:00:00.000Z',
    ],
    [
      'the last hour of a day once more, after midnight',
      '2010-11-07T03:00:00Z',
      'America/St_Johns',
      'day',
      '2010-11-07T02:30:00.000Z',
      '2010-11-08T03:30:00.000Z',
    ],
    [
      'a day after the one that Samoa skipped',
      '2011-12-30T10:00:00Z',
      'Pacific/Apia',
      'day',
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
    ],
    [
      'an hour whose second half comes twice',
      '2026-04-04T14:40:00Z',
      'Australia/Lord_Howe',
      'hour',
      '2026-04-04T14:00:00.000Z',
      '2026-04-04T15:00:00.000Z',
    ],
    [
      'the half of it that comes again',
      '2026-04-04T15:10:00Z',
      'Australia/Lord_Howe',
      'hour',
      '2026-04-04T15:00:00.000Z',
      '2026-04-04T15:30:00.000Z',
    ],
    [
      'half an hour that is left of an hour',
      '2026-10-03T15:40:00Z',
      'Australia/Lord_Howe',
      'hour',
      '2026-10-03T15:30:00.000Z',
      '2026-10-03T16:00:00.000Z',
    ],
  ] as const)('of %s', (_, instant, zone, grain, start, end) => {
    const { start: from, end: to } = bucketAt(at(instant), grain, zone);
    expect([new Date(from).toISOString(), new Date(to).toISOString()]).toEqual([start, end]);
  });

  it('covers any range without gap or overlap, whatever the zone, and is the same from wherever it is asked', () => {
    const grain = fc.constantFrom(...GRAINS.filter((one) => one !== 'second' && one !== 'minute'));
    fc.assert(
      fc.property(ZONE, grain, INSTANT, fc.integer({ min: 1, max: 5 * 24 }), (timeZone, size, from, hours) => {
        const found = buckets(from, from + hours * HOUR, size, timeZone);
        expect(found[0]?.start).toBeLessThanOrEqual(from);
        expect(found.at(-1)?.end).toBeGreaterThanOrEqual(from + hours * HOUR);
        found.forEach(({ start, end }, index) => {
          expect(end).toBeGreaterThan(start);
          if (index > 0) expect(start).toBe(found[index - 1]?.end);
          for (const instant of [start, Math.floor((start + end) / 2), end - 1])
            expect(bucketAt(instant, size, timeZone)).toEqual({ start, end });
        });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('shift', () => {
  const month = { amount: 1, unit: 'month' } as const;

  it('gives the last day of a month that lacks the 31st', () => {
    expect(new Date(shift(at('2026-03-31T00:00:00Z'), month, 'UTC', -1)).toISOString()).toBe(
      '2026-02-28T00:00:00.000Z',
    );
    expect(new Date(shift(at('2024-01-30T00:00:00Z'), month, 'UTC', 1)).toISOString()).toBe('2024-02-29T00:00:00.000Z');
  });

  it('moves days on the wall clock: the same time of day across a change of clocks', () => {
    expect(
      new Date(shift(at('2026-03-29T12:00:00Z'), { amount: 1, unit: 'day' }, 'Europe/London', -1)).toISOString(),
    ).toBe('2026-03-28T13:00:00.000Z');
  });

  it.each([
    ['the first occurrence of a repeated hour', '2026-10-26T01:30:00Z', 'Europe/London', '2026-10-25T00:30:00.000Z'],
    [
      'the first occurrence, from within the repeated hour of another zone',
      '2026-11-02T06:30:00Z',
      'America/New_York',
      '2026-11-01T05:30:00.000Z',
    ],
    ['the moment after a gap', '2026-03-30T00:30:00Z', 'Europe/London', '2026-03-29T01:00:00.000Z'],
    ['midnight after a day that was skipped', '2011-12-30T22:00:00Z', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('is %s', (_, instant, zone, expected) => {
    expect(new Date(shift(at(instant), { amount: 1, unit: 'day' }, zone, -1)).toISOString()).toBe(expected);
  });

  it('takes a week for seven days', () => {
    const from = at('2026-03-31T00:00:00Z');
    expect(shift(from, { amount: 1, unit: 'week' }, 'Europe/London', -1)).toBe(
      shift(from, { amount: 7, unit: 'day' }, 'Europe/London', -1),
    );
  });

  it('adds hours as they pass, also where the clock repeats one', () => {
    const from = at('2026-10-25T00:30:00Z');
    expect(shift(from, { amount: 24, unit: 'hour' }, 'Europe/London', 1) - from).toBe(24 * HOUR);
  });

  it('gives an instant for any duration', () => {
    expect(
      Number.isFinite(shift(at('2026-01-01T00:00:00Z'), { amount: 999_999, unit: 'year' }, 'Europe/London', -1)),
    ).toBe(true);
  });
});

describe('parseDuration', () => {
  it.each([
    ['30s', 30, 'second'],
    ['5m', 5, 'minute'],
    ['72h', 72, 'hour'],
    ['7 days', 7, 'day'],
    ['1mo', 1, 'month'],
    ['1 month', 1, 'month'],
    ['2 weeks', 2, 'week'],
  ] as const)('reads %s', (text, amount, unit) => {
    expect(parseDuration(text)).toEqual({ amount, unit });
  });

  it.each(['0d', '', '-1d', '1.5h', 'd', '1 fortnight', '1d 2h', '9999999d'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
