import { expect, test } from 'vitest';
import type { LandedChange } from './decode-artefacts.js';
import { continuesFrom } from './history.js';

const hash = (digit: string): string => digit.repeat(64);
const change = (seq: number, before: string | undefined, after: string): LandedChange => ({
  ...{
    seq,
    releaseId: `release-${seq}`,
    type: 'FORWARD',
    title: '',
    landedAt: '2026-11-30T00:00:00Z',
    items: [],
    stateHash: hash(after),
  },
  ...(before === undefined ? {} : { previousStateHash: hash(before) }),
});
const held = { seq: 4, stateHash: hash('a') };

test.each<[string, LandedChange[], boolean]>([
  ['nothing', [], true],
  ['the next release', [change(5, 'a', 'b')], true],
  ['the next two', [change(5, 'a', 'b'), change(6, 'b', 'c')], true],
  ['a release on another state', [change(5, 'f', 'b')], false],
  ['a chain that breaks', [change(5, 'a', 'b'), change(6, 'f', 'c')], false],
  ['a release too far', [change(6, 'a', 'b')], false],
  ['the release that is held', [change(4, 'a', 'a')], false],
  ['a record of an older version', [change(5, undefined, 'b'), change(6, 'b', 'c')], true],
  ['a chain that breaks after a record of an older version', [change(5, undefined, 'b'), change(6, 'a', 'c')], false],
])('%s: %#', (_, changes, expected) => {
  expect(continuesFrom(held, changes)).toBe(expected);
});
