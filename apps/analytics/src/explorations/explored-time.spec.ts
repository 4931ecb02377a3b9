import { describe, expect, it } from 'vitest';
import { exploredTime } from './explored-time.js';

const NOW = Date.parse('2026-11-20T18:30:00Z');

describe('the time of a saved exploration', () => {
  it.each([
    ['seven days with today', { last: '7d' }, 'day', 'UTC', '2026-11-14T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    [
      'seven days that are over',
      { last: '7d', complete: true },
      'day',
      'UTC',
      '2026-11-13T00:00:00.000Z',
      '2026-11-20T00:00:00.000Z',
    ],
    ['a day of hours', { last: '24h' }, 'hour', 'UTC', '2026-11-19T19:00:00.000Z', '2026-11-20T19:00:00.000Z'],
    [
      'a month on the calendar of a zone',
      { last: '1 month' },
      'day',
      'Asia/Kolkata',
      '2026-10-20T18:30:00.000Z',
      '2026-11-20T18:30:00.000Z',
    ],
    [
      'what is given',
      { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00+01:00' },
      'day',
      'UTC',
      '2026-01-01T00:00:00Z',
      '2026-02-01T00:00:00+01:00',
    ],
  ] as const)('is %s', (_, range, grain, timeZone, from, to) => {
    // At 18:30 UTC a new day begins in Kolkata; the moment before belongs to the previous day.
    expect(exploredTime(range, grain, timeZone, NOW - (timeZone === 'UTC' ? 0 : 1))).toEqual({ from, to });
  });

  it('is as many days long as it says where one of them has 23 hours', () => {
    const { from, to } = exploredTime({ last: '7d' }, 'day', 'Europe/London', Date.parse('2026-03-31T12:00:00Z'));
    expect((Date.parse(to) - Date.parse(from)) / 3_600_000).toBe(7 * 24 - 1);
  });
});
