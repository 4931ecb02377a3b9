import { describe, expect, test } from 'vitest';
import { momentOf } from './schedule-moment.js';

const NOW = new Date('2026-10-01T00:00:00Z');
const ask = (more: Partial<Parameters<typeof momentOf>[0]>) => {
  const { at, problems } = momentOf({ at: undefined, atLocal: undefined, timeZone: 'Europe/London', ...more }, NOW);
  return problems.length > 0 ? problems.map(({ path, code }) => `${path} ${code}`) : at?.toISOString();
};

describe('the moment of a schedule', () => {
  test.each([
    ['an instant', { at: new Date('2026-12-04T18:00:00Z') }, '2026-12-04T18:00:00.000Z'],
    ['a local time in winter', { atLocal: '2026-12-04T18:00' }, '2026-12-04T18:00:00.000Z'],
    ['a local time in summer', { atLocal: '2027-07-04T18:00' }, '2027-07-04T17:00:00.000Z'],
    [
      'a local time elsewhere',
      { atLocal: '2026-12-04T18:00', timeZone: 'America/New_York' },
      '2026-12-04T23:00:00.000Z',
    ],
    ['the first of two', { atLocal: '2026-10-25T01:30' }, '2026-10-25T00:30:00.000Z'],
    ['seconds', { atLocal: '2026-12-04T18:00:30', timeZone: 'UTC' }, '2026-12-04T18:00:30.000Z'],
  ])('is %s', (_, given, expected) => {
    expect(ask(given)).toBe(expected);
  });

  test.each([
    ['neither of the two', {}, ['at EXACTLY_ONE']],
    ['both', { at: new Date('2026-12-04T18:00:00Z'), atLocal: '2026-12-04T18:00' }, ['at EXACTLY_ONE']],
    ['a time that the clocks skip', { atLocal: '2027-03-28T01:30' }, ['atLocal DST_GAP']],
    ['an offset', { atLocal: '2026-12-04T18:00Z' }, ['atLocal INVALID_LOCAL_TIME']],
    ['30 February', { atLocal: '2027-02-30T18:00' }, ['atLocal INVALID_LOCAL_TIME']],
    ['the past', { atLocal: '2026-09-30T18:00' }, ['atLocal NOT_IN_FUTURE']],
    ['a past instant', { at: new Date('2026-09-30T18:00:00Z') }, ['at NOT_IN_FUTURE']],
    [
      'a zone that there is not, and a wrong time',
      { atLocal: 'soon', timeZone: 'London' },
      ['atLocal INVALID_LOCAL_TIME', 'timeZone UNKNOWN_TIME_ZONE'],
    ],
    ['an offset as a zone', { atLocal: '2026-12-04T18:00', timeZone: '+02:00' }, ['timeZone UNKNOWN_TIME_ZONE']],
  ])('is not %s', (_, given, expected) => {
    expect(ask(given)).toEqual(expected);
  });

  test('names the next valid time where the clocks skip it', () => {
    const { problems } = momentOf({ at: undefined, atLocal: '2027-03-28T01:30', timeZone: 'Europe/London' }, NOW);
    expect(problems[0]?.message).toContain('the next valid time is 2027-03-28T02:00:00');
  });
});
