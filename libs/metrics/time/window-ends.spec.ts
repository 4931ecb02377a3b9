import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { shift } from './calendar.js';
import { endInOrder, latestEnd, type WindowEnds, windowEnds } from './window-ends.js';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);

function endOf(rules: readonly WindowEnds[], instant: number): number {
  const rule = rules.findLast(({ from }) => from <= instant);
  return rule?.at ?? instant + (rule?.afterMs ?? NaN);
}

describe('ends of windows', () => {
  it('are one rule where a duration is the same for all', () => {
    const year = { start: at('2026-01-01'), end: at('2027-01-01') };
    expect(windowEnds(year, { amount: 7, unit: 'day' }, 'UTC')).toEqual([{ from: year.start, afterMs: 7 * 24 * HOUR }]);
    expect(windowEnds(year, { amount: 24, unit: 'hour' }, 'Europe/London')).toEqual([
      { from: year.start, afterMs: 24 * HOUR },
    ]);
  });

  it('follow the calendar', () => {
    const rules = windowEnds({ start: at('2026-01-01'), end: at('2026-03-01') }, { amount: 1, unit: 'month' }, 'UTC');
    expect(
      ['2026-01-01T00:00Z', '2026-01-28T23:59:59.999Z', '2026-01-31T10:00Z', '2026-02-01T00:00Z'].map((text) =>
        new Date(endOf(rules, at(text))).toISOString(),
      ),
    ).toEqual([
      '2026-02-01T00:00:00.000Z',
      '2026-02-28T23:59:59.999Z',
      '2026-02-28T10:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
    expect(endInOrder(rules)).toBe(false);
    expect(latestEnd(rules, { start: at('2026-01-29'), end: at('2026-01-31T01:00Z') })).toBe(
      at('2026-02-28T23:59:59.999Z'),
    );
  });

  it('say the same as moving each instant by itself, and where they are in order', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/London',
      'America/New_York',
      'America/Havana',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Asia/Beirut',
    );
    const duration = fc.record({
      amount: fc.integer({ min: 1, max: 14 }),
      unit: fc.constantFrom('hour', 'day', 'week', 'month', 'quarter', 'year'),
    });
    const day = fc.constantFrom(
      '2026-03-29',
      '2026-10-25',
      '2026-03-08',
      '2026-11-01',
      '2026-10-18',
      '2026-01-30',
      '2024-01-30',
      '2011-12-28',
      '2026-03-22',
    );
    fc.assert(
      fc.property(
        zone,
        duration,
        day,
        fc.integer({ min: 1, max: 96 }),
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (timeZone, one, date, hours, places) => {
          const span = { start: at(date) - 20 * HOUR, end: at(date) + hours * HOUR };
          const rules = windowEnds(span, one, timeZone);
          const instants = [
            ...places.map((place) => Math.floor(span.start + place * (span.end - span.start))),
            ...rules.flatMap(({ from }) => [from, from - 1, from + 1]),
          ]
            .filter((instant) => instant >= span.start && instant < span.end)
            .sort((a, b) => a - b);
          const ends = instants.map((instant) => shift(instant, one, timeZone, 1));
          expect(instants.map((instant) => endOf(rules, instant))).toEqual(ends);
          expect(Math.max(...ends)).toBeLessThanOrEqual(latestEnd(rules, span));
          if (endInOrder(rules)) expect(ends).toEqual([...ends].sort((a, b) => a - b));
        },
      ),
      { numRuns: 500 },
    );
  });
});
