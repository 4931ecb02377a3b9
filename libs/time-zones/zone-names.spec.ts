import { expect, test } from '@jest/globals';
import { isTimeZone } from './zone-names.js';

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
])('%j is none', (name) => {
  expect(isTimeZone(name)).toBe(false);
});

test('every zone that Intl lists is one', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
});
