import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { bucketAt, buckets, type Grain, GRAINS, shift } from './calendar.js';
import { comparedBucket, comparedInterval } from './compared-bucket.js';
import { type Duration, parseDuration } from './duration.js';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number): string => new Date(instant).toISOString();
const back = (text: string): { back: Duration } => ({ back: parseDuration(text) ?? { amount: 0, unit: 'day' } });

describe('the bucket that a bucket is compared with', () => {
  it.each([
    ['2026-03-28', '1 month', '2026-02-28'],
    ['2026-03-29', '1 month', '2026-02-28'],
    ['2026-03-30', '1 month', '2026-02-28'],
    ['2026-03-31', '1 month', '2026-02-28'],
    ['2024-03-30', '1 month', '2024-02-29'],
    ['2026-04-30', '1 quarter', '2026-01-30'],
    ['2026-05-31', '1 quarter', '2026-02-28'],
    ['2024-02-29', '1 year', '2023-02-28'],
    ['2026-03-01', '1d', '2026-02-28'],
    ['2026-03-05', '2w', '2026-02-19'],
    ['2026-03-05', '36h', '2026-03-03'],
  ])('of the day %s, %s earlier, is %s', (day, offset, compared) => {
    for (const zone of ['UTC', 'Europe/London', 'Asia/Kathmandu', 'Pacific/Apia']) {
      const [bucket] = buckets(noon(day, zone), noon(day, zone) + 1, 'day', zone);
      const [expected] = buckets(noon(compared, zone), noon(compared, zone) + 1, 'day', zone);
      expect(bucket && comparedBucket(bucket, back(offset), 'day', zone)).toEqual(expected);
    }
  });

  it.each([
    [
      'the hour at 01:00, a day after it came twice',
      'Europe/London',
      '2026-10-26T01:00:00Z',
      '1d',
      '2026-10-25T00:00:00.000Z',
    ],
    ['the hour at 00:00 of that day', 'Europe/London', '2026-10-26T00:00:00Z', '1d', '2026-10-24T23:00:00.000Z'],
    ['the second of two hours', 'Europe/London', '2026-10-25T01:00:00Z', '1d', '2026-10-24T00:00:00.000Z'],
    [
      'the hour at 01:00, a day after there was none',
      'Europe/London',
      '2026-03-30T00:00:00Z',
      '1d',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'the hour at 01:00, 24 hours after it came twice',
      'Europe/London',
      '2026-10-26T01:00:00Z',
      '24h',
      '2026-10-25T01:00:00.000Z',
    ],
    ['the hour at 01:00 in New York', 'America/New_York', '2026-11-02T06:00:00Z', '1d', '2026-11-01T05:00:00.000Z'],
    ['the hour at 05:00 of 31 March', 'UTC', '2026-03-31T05:00:00Z', '1 month', '2026-02-28T05:00:00.000Z'],
  ])('of %s', (_, zone, hour, offset, compared) => {
    expect(iso(comparedBucket(bucketAt(at(hour), 'hour', zone), back(offset), 'hour', zone).start)).toBe(compared);
  });

  it.each([
    ['week', '2026-03-30', '1 month', '2026-02-23'],
    ['month', '2026-03-01', '1w', '2026-02-01'],
    ['year', '2026-01-01', '1 month', '2025-01-01'],
    ['quarter', '2026-04-01', '1 year', '2025-04-01'],
  ] as const)('of a %s from %s, %s earlier, begins on %s', (grain, start, offset, compared) => {
    expect(iso(comparedBucket(bucketAt(at(start), grain, 'UTC'), back(offset), grain, 'UTC').start)).toBe(
      `${compared}T00:00:00.000Z`,
    );
  });

  it('is the first of a longer bucket', () => {
    expect(comparedBucket(bucketAt(at('2026-03-17'), 'day', 'UTC'), { toStartOf: 'month' }, 'day', 'UTC')).toEqual(
      bucketAt(at('2026-03-01'), 'day', 'UTC'),
    );
  });

  it('is a bucket of the grain that contains the moved start, whatever the zone, night, grain and offset', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/London',
      'Europe/Berlin',
      'America/New_York',
      'America/Sao_Paulo',
      'America/Havana',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Pacific/Chatham',
      'Asia/Beirut',
    );
    const grain = fc.constantFrom<Grain>(...GRAINS);
    const offset = fc.record({
      amount: fc.integer({ min: 1, max: 40 }),
      unit: fc.constantFrom('second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'),
    });
    const day = fc.constantFrom(
      '2024-02-29',
      '2026-03-29',
      '2026-10-25',
      '2026-03-08',
      '2026-11-01',
      '2026-04-04',
      '2026-10-03',
      '2011-12-30',
      '2018-02-17',
      '2026-03-31',
      '2026-12-31',
    );
    const instant = day.chain((date) => fc.integer({ min: at(date) - 40 * 3_600_000, max: at(date) + 40 * 3_600_000 }));
    fc.assert(
      fc.property(zone, grain, offset, instant, (timeZone, size, duration, from) => {
        const bucket = bucketAt(from, size, timeZone);
        const compared = comparedBucket(bucket, { back: duration }, size, timeZone);
        const moved = shift(bucket.start, duration, timeZone, -1);
        expect(compared).toEqual(bucketAt(compared.start, size, timeZone));
        expect(compared.start <= moved && moved < compared.end).toBe(true);
        expect(comparedInterval(bucket, { back: duration }, size, timeZone)).toEqual(compared);
      }),
      { numRuns: 2_000 },
    );
  });

  /** The calendar's arithmetic by hand, of days that begin at midnight. */
  it('has the date that the calendar gives', () => {
    const date = fc.integer({ min: at('2019-01-01') / 86_400_000, max: at('2029-12-31') / 86_400_000 });
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 30 }), (days, months) => {
        const start = new Date(days * 86_400_000);
        const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() - months];
        const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
        const expected = Date.UTC(year, month, Math.min(start.getUTCDate(), lastOfMonth));
        expect(
          comparedBucket(bucketAt(+start, 'day', 'UTC'), { back: { amount: months, unit: 'month' } }, 'day', 'UTC')
            .start,
        ).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the time that several buckets are compared with', () => {
  it('reaches from the compared bucket of the first to that of the last', () => {
    const interval = { start: at('2026-03-29'), end: at('2026-04-01') };
    expect(comparedInterval(interval, back('1 month'), 'day', 'UTC')).toEqual({
      start: at('2026-02-28'),
      end: at('2026-03-01'),
    });
  });
});

function noon(day: string, zone: string): number {
  const offset = { UTC: 0, 'Europe/London': 0, 'Asia/Kathmandu': 5.75, 'Pacific/Apia': 13 }[zone] ?? 0;
  return at(`${day}T12:00:00Z`) - offset * 3_600_000;
}
