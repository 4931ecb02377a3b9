import { describe, expect, it } from '@jest/globals';
import { fc } from '#testing';
import { buckets, bucketStart, GRAINS, shift, shiftsBack } from './calendar.js';
import { parseDuration } from './duration.js';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);

describe('buckets', () => {
  it('gives the local day 23 hours in spring and 25 in autumn', () => {
    const lengths = (from: string, to: string, zone: string) => buckets(at(from), at(to), 'day', zone).map(({ start, end }) => (end - start) / HOUR);
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
    expect(new Date(bucketStart(at('2026-11-22T10:00:00Z'), 'week', 'UTC')).toISOString()).toBe('2026-11-16T00:00:00.000Z');
  });

  it('covers any range without gap or overlap, whatever the zone', () => {
    const zone = fc.constantFrom('UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Asia/Beirut', 'Pacific/Apia');
    const grain = fc.constantFrom(...GRAINS.filter((one) => one !== 'second' && one !== 'minute'));
    fc.assert(fc.property(zone, grain, fc.integer({ min: at('2005-01-01'), max: at('2030-01-01') }), fc.integer({ min: 1, max: 5 * 24 }), (timeZone, size, from, hours) => {
      const found = buckets(from, from + hours * HOUR, size, timeZone);
      expect(found[0]?.start).toBeLessThanOrEqual(from);
      expect(found.at(-1)?.end).toBeGreaterThanOrEqual(from + hours * HOUR);
      found.forEach(({ start, end }, index) => {
        expect(end).toBeGreaterThan(start);
        if (index > 0) expect(start).toBe(found[index - 1]?.end);
      });
    }), { numRuns: 200 });
  });
});

describe('shift', () => {
  const month = { amount: 1, unit: 'month' } as const;

  it('gives the last day of a month that lacks the 31st, and says that this does not go back', () => {
    expect(new Date(shift(at('2026-03-31T00:00:00Z'), month, 'UTC', -1)).toISOString()).toBe('2026-02-28T00:00:00.000Z');
    expect(shiftsBack(at('2026-03-31T00:00:00Z'), month, 'UTC')).toBe(false);
    expect(shiftsBack(at('2026-03-15T00:00:00Z'), month, 'UTC')).toBe(true);
  });

  it('moves days on the wall clock: the same time of day across a change of clocks', () => {
    expect(new Date(shift(at('2026-03-29T12:00:00Z'), { amount: 1, unit: 'day' }, 'Europe/London', -1)).toISOString()).toBe('2026-03-28T13:00:00.000Z');
  });

  it('takes a week for seven days', () => {
    const from = at('2026-03-31T00:00:00Z');
    expect(shift(from, { amount: 1, unit: 'week' }, 'Europe/London', -1)).toBe(shift(from, { amount: 7, unit: 'day' }, 'Europe/London', -1));
  });
});

describe('parseDuration', () => {
  it.each([['30s', 30, 'second'], ['5m', 5, 'minute'], ['72h', 72, 'hour'], ['7 days', 7, 'day'], ['1mo', 1, 'month'], ['1 month', 1, 'month'], ['2 weeks', 2, 'week']] as const)('reads %s', (text, amount, unit) => {
    expect(parseDuration(text)).toEqual({ amount, unit });
  });

  it.each(['0d', '', '-1d', '1.5h', 'd', '1 fortnight', '1d 2h', '9999999d'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
