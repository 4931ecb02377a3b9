import { expect, test } from 'vitest';
import { isTimeZone, namedZone } from './zone-names.js';

test.each([
  'UTC',
  'Europe/London',
  'America/Argentina/Buenos_Aires',
  'Etc/GMT-5',
  'EST5EDT',
  'CET',
  'NZ-CHAT',
  'W-SU',
  'US/Eastern',
])('%s is a zone', (name) => {
  expect(isTimeZone(name)).toBe(true);
});

test.each([
  '',
  '+02:00',
  'UTC+2',
  'BST',
  'IST',
  'europe/london',
  'utc',
  'Europe/Atlantis',
  'Europe/London ',
  '../etc/passwd',
  'Factory',
])('%j is no time zone', (name) => {
  expect(isTimeZone(name)).toBe(false);
});

test('every zone that Intl lists is one', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
});

test.each([
  ['Europe/London', 'Europe/London'],
  ['EST5EDT', 'EST5EDT'],
  ['utc', 'UTC'],
  ['europe/london', 'Europe/London'],
  ['+02:00', 'Etc/GMT-2'],
  ['-0500', 'Etc/GMT+5'],
  ['+00:00', 'UTC'],
  // There is no IANA name for it.
  ['+05:30', '+05:30'],
  ['Europe/Atlantis', 'Europe/Atlantis'],
])('what landed as %j is %j', (name, named) => {
  expect(namedZone(name)).toBe(named);
});

test('a zone that was accepted before keeps its meaning', () => {
  const at = new Date('2026-07-01T12:00:00Z');
  const local = (timeZone: string): string => at.toLocaleString('en-GB', { timeZone });
  for (const name of ['+02:00', '-0500', 'utc', 'BST', 'IST', 'europe/london', '+14:00']) {
    expect([name, isTimeZone(namedZone(name)), local(namedZone(name))]).toEqual([name, true, local(name)]);
  }
});
