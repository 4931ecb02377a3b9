import { describe, expect, test } from 'vitest';
import { DateTime } from 'luxon';
import type { Schedule } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { scheduleInstants, scheduleProblems } from './schedule.js';

const codes = (schedule: Schedule) => scheduleProblems(schedule).map(({ path, code }) => `${path} ${code}`.trim());
const utc = (text: string) => Date.parse(text);

describe('when a schedule holds', () => {
  test('no schedule and open ends reach for ever', () => {
    expect(scheduleInstants(undefined)).toEqual({ from: -Infinity, to: Infinity });
    expect(scheduleInstants({ to: '2026-07-01T00:00', timeZone: 'UTC' })).toEqual({
      from: -Infinity,
      to: utc('2026-07-01T00:00Z'),
    });
    expect(scheduleInstants({ from: '2026-07-01T00:00', timeZone: 'UTC' })).toEqual({
      from: utc('2026-07-01T00:00Z'),
      to: Infinity,
    });
  });

  test.each([
    ['a zone of the IANA database without an area', '2027-03-15T09:00', 'EST5EDT', '2027-03-15T13:00Z'],
    ['summer time', '2026-07-01T12:00', 'Europe/London', '2026-07-01T11:00Z'],
    ['winter time', '2026-12-01T12:00:30', 'Europe/London', '2026-12-01T12:00:30Z'],
    ['45 minutes', '2026-06-01T12:00', 'Asia/Kathmandu', '2026-06-01T06:15Z'],
    ['30 minutes', '2026-06-01T12:00', 'Asia/Kolkata', '2026-06-01T06:30Z'],
    ['clocks set back: the first of two', '2026-10-25T01:30', 'Europe/London', '2026-10-25T00:30Z'],
    [
      'clocks set back by half an hour: the first of two',
      '2026-04-05T01:45',
      'Australia/Lord_Howe',
      '2026-04-04T14:45Z',
    ],
    ['in a gap: the end of the gap', '2026-03-29T01:30', 'Europe/London', '2026-03-29T01:00Z'],
    ['in a gap of half an hour', '2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['in a gap at midnight', '2026-03-08T00:15', 'America/Havana', '2026-03-08T05:00Z'],
    ['on the day that Samoa skipped', '2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T10:00Z'],
    ['the last second of the calendar', '9999-12-31T23:59:59', 'Pacific/Kiritimati', '9999-12-31T09:59:59Z'],
  ])('%s', (_, local, timeZone, instant) => {
    expect(scheduleInstants({ from: local, timeZone }).from).toBe(utc(instant));
  });

  test.each([
    { from: '2026-07-01 12:00', timeZone: 'UTC' },
    { from: '2026-07-01T12:00', timeZone: 'Mars/Olympus' },
  ])('what validation refuses is no moment: %j', (schedule) => {
    expect(() => scheduleInstants(schedule)).toThrow(RangeError);
  });
});

const ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'America/Havana',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Africa/Monrovia',
  'Pacific/Kiritimati',
  'Antarctica/Troll',
];
const seconds = fc.integer({ min: utc('1971-01-03T00:00Z') / 1000, max: utc('2037-12-29T00:00Z') / 1000 });

describe('schedules and zones', () => {
  test('every moment that a zone shows is found again, as its first occurrence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), seconds, (timeZone, second) => {
        const local = DateTime.fromSeconds(second, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
        const schedule = { from: local, timeZone };
        expect(scheduleProblems(schedule)).toEqual([]);
        const { from } = scheduleInstants(schedule);
        expect(DateTime.fromMillis(from, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss")).toBe(local);
        expect(from).toBeLessThanOrEqual(second * 1000);
      }),
      { numRuns: 2000 },
    );
  });

  test('a local time is refused exactly where the zone skips it, and the named next time is valid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), seconds, (timeZone, second) => {
        const from = new Date(second * 1000).toISOString().slice(0, 19);
        const skipped = DateTime.fromISO(from, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss") !== from;
        const [problem] = scheduleProblems({ from, timeZone });
        expect(problem?.code).toBe(skipped ? 'DST_GAP' : undefined);
        if (!problem) return;
        const next = problem.message.slice(-19);
        expect(scheduleProblems({ from: next, timeZone })).toEqual([]);
        expect(scheduleInstants({ from: next, timeZone })).toEqual(scheduleInstants({ from, timeZone }));
      }),
      { numRuns: 2000 },
    );
  });

  test('moments within hours of a change of clocks are found as well', () => {
    const offsetAt = (ms: number, zone: string) => DateTime.fromMillis(ms, { zone }).offset;
    const hour = 3_600_000;
    let changes = 0;
    for (const zone of ZONES) {
      for (let at = utc('1997-01-01T00:00Z'); at < utc('1998-01-01T00:00Z'); at += hour) {
        if (offsetAt(at, zone) === offsetAt(at + hour, zone)) continue;
        changes += 1;
        for (let near = at - 2 * hour; near < at + 3 * hour; near += 300_000) {
          const local = DateTime.fromMillis(near, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
          const { from } = scheduleInstants({ from: local, timeZone: zone });
          expect(DateTime.fromMillis(from, { zone }).toFormat("yyyy-MM-dd'T'HH:mm")).toBe(local);
        }
      }
    }
    expect(changes).toBeGreaterThan(15);
  });
});

describe('what is wrong with a schedule', () => {
  test.each<[string, Schedule, string[]]>([
    ['neither end', { timeZone: 'UTC' }, ['EMPTY_SCHEDULE']],
    [
      'a zone that does not exist',
      { from: '2026-07-01T00:00', timeZone: 'Mars/Olympus' },
      ['timeZone UNKNOWN_TIME_ZONE'],
    ],
    ['an offset', { from: '2026-07-01T00:00', timeZone: '+02:00' }, ['timeZone UNKNOWN_TIME_ZONE']],
    ['an abbreviation', { from: '2026-07-01T00:00', timeZone: 'BST' }, ['timeZone UNKNOWN_TIME_ZONE']],
    ['a zone in lower case', { from: '2026-07-01T00:00', timeZone: 'europe/london' }, ['timeZone UNKNOWN_TIME_ZONE']],
    ['no zone', { from: '2026-07-01T00:00', timeZone: '' }, ['timeZone UNKNOWN_TIME_ZONE']],
    [
      'an end before the start',
      { from: '2026-07-02T00:00', to: '2026-07-01T00:00', timeZone: 'UTC' },
      ['to END_NOT_AFTER_START'],
    ],
    [
      'an end at the start',
      { from: '2026-07-01T00:00', to: '2026-07-01T00:00:00', timeZone: 'UTC' },
      ['to END_NOT_AFTER_START'],
    ],
    [
      'an end within the hour that comes twice',
      { from: '2026-10-25T01:30', to: '2026-10-25T01:10', timeZone: 'Europe/London' },
      ['to END_NOT_AFTER_START'],
    ],
    ['a gap', { from: '2026-03-29T01:30', timeZone: 'Europe/London' }, ['from DST_GAP']],
    [
      'mistakes in all of it',
      { from: 'now', to: 'then', timeZone: 'X' },
      ['timeZone UNKNOWN_TIME_ZONE', 'from INVALID_LOCAL_TIME', 'to INVALID_LOCAL_TIME'],
    ],
  ])('%s is refused', (_, schedule, expected) => {
    expect(codes(schedule)).toEqual(expected);
  });

  test('the gap and the next valid time are named', () => {
    expect(scheduleProblems({ from: '2026-03-29T01:30', timeZone: 'Europe/London' })[0]?.message).toBe(
      '2026-03-29T01:30:00 does not exist in Europe/London: clocks go forward from 2026-03-29T01:00:00 to 2026-03-29T02:00:00; the next valid time is 2026-03-29T02:00:00',
    );
  });

  test.each([
    '',
    '2026-07-01',
    '2026-07-01T12',
    '2026-07-01T12:00Z',
    '2026-07-01T12:00+02:00',
    '2026-07-01T12:00:00.000',
    '2026-07-01 12:00',
    '2026-02-30T00:00',
    '2026-02-29T00:00',
    '2026-13-01T00:00',
    '2026-00-10T00:00',
    '2026-07-00T00:00',
    '0000-01-01T00:00',
    '1969-12-31T23:59',
    '2026-07-01T24:00',
    '2026-07-01T12:60',
    '2016-12-31T23:59:60',
    '+12026-07-01T00:00',
    '２０２６-07-01T12:00',
    ' 2026-07-01T12:00',
    '2026-07-01T12:00\n',
  ])('%j is no local date-time', (from) => {
    expect(codes({ from, timeZone: 'UTC' })).toEqual(['from INVALID_LOCAL_TIME']);
  });

  test.each([
    'UTC',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
    'Africa/Dar_es_Salaam',
    'Etc/GMT+2',
    'Europe/Kyiv',
  ])('%s is a zone', (timeZone) => {
    expect(codes({ from: '2026-07-01T12:00', timeZone })).toEqual([]);
  });
});
