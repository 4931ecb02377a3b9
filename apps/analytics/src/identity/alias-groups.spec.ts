import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { type Alias, aliasGroups } from './alias-groups.js';

describe('aliasGroups', () => {
  it.each<[string, Alias[], Record<string, string>]>([
    ['one alias', [['old', 'new']], { old: 'new', new: 'new' }],
    [
      'a chain',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      { a: 'c', b: 'c', c: 'c' },
    ],
    [
      'a circle',
      [
        ['b', 'a'],
        ['a', 'b'],
      ],
      { a: 'a', b: 'a' },
    ],
    [
      'two that replace one',
      [
        ['old', 'y'],
        ['old', 'x'],
      ],
      { old: 'x', x: 'x', y: 'x' },
    ],
    ['an alias of itself', [['a', 'a']], {}],
  ])('%s', (_, aliases, expected) => {
    expect(Object.fromEntries(aliasGroups(aliases))).toEqual(expected);
  });

  it('does not depend on order, and gives connected ids one name among them', () => {
    const id = fc.constantFrom(...'abcdefgh');
    fc.assert(
      fc.property(fc.array(fc.tuple(id, id)), fc.infiniteStream(fc.nat()), (aliases, order) => {
        const groups = aliasGroups(aliases);
        const shuffled = aliases
          .map((alias) => [order.next().value ?? 0, alias] as const)
          .sort(([a], [b]) => a - b)
          .map(([, alias]) => alias);
        expect(Object.fromEntries(aliasGroups(shuffled))).toEqual(Object.fromEntries(groups));
        for (const [from, user] of aliases) expect(groups.get(from)).toBe(groups.get(user));
        for (const name of groups.values()) expect(groups.get(name)).toBe(name);
      }),
    );
  });
});
