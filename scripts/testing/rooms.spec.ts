import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inProject } from '../setup/project.mjs';
import { leadingWords, ROOMS, roomsWith } from './rooms.mjs';

const SUITES = [
  'apps/odds/src/feeds/promo.spec.ts',
  'libs/audience/audience.spec.ts',
  'scripts/local/settings.spec.ts',
];

test.each([
  { words: ['promo'], rooms: ['odds'] },
  { words: ['PROMO', 'libs/'], rooms: ['odds', 'libs'] },
  { words: ['scripts/local'], rooms: ['repository'] },
  { words: [], rooms: ['odds', 'libs', 'repository'] },
  { words: ['no such suite'], rooms: [] },
])('$words: rooms $rooms', ({ words, rooms }) => {
  expect(roomsWith(words, SUITES)).toEqual(rooms);
});

test('every app is a room, so that none of its suites is left out', async () => {
  const apps = (await readdir(inProject('apps'))).map((app) => `apps/${app}`);
  const folders: string[] = Object.values(ROOMS).flat();
  expect(apps.filter((app) => !folders.includes(app))).toEqual([]);
});

test('words are what stands before the first option, so that the value of an option is not taken for one', () => {
  expect(leadingWords(['promo', 'layout', '-t', 'any input'])).toEqual(['promo', 'layout']);
  expect(leadingWords(['-t', 'any input', 'promo'])).toEqual([]);
});
