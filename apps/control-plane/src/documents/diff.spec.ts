import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { diffBodies } from './diff.js';

describe('diffBodies', () => {
  it('names changed, added and removed fields by path', () => {
    expect(
      diffBodies(
        { title: 'Old', cta: { href: '/a', label: 'Go' }, badge: 'New' },
        { title: 'New', cta: { href: '/b', label: 'Go' }, terms: 'T' },
      ),
    ).toEqual([
      { path: 'badge', op: 'REMOVE', before: 'New' },
      { path: 'cta.href', op: 'CHANGE', before: '/a', after: '/b' },
      { path: 'terms', op: 'ADD', after: 'T' },
      { path: 'title', op: 'CHANGE', before: 'Old', after: 'New' },
    ]);
  });

  it('matches slots by name and items by what stands there, so one insertion is one change', () => {
    const before = {
      slots: [
        { name: 'hero', items: [{ promo: 'a' }] },
        { name: 'rail', items: [] },
      ],
    };
    const after = {
      slots: [
        { name: 'hero', items: [{ promo: 'b' }, { promo: 'a' }] },
        { name: 'rail', items: [] },
      ],
    };
    expect(diffBodies(before, after)).toEqual([
      { path: 'slots[hero].items[promo=b]', op: 'ADD', after: { promo: 'b' } },
    ]);
  });

  it('tells a move from a change', () => {
    expect(diffBodies({ tags: ['a', 'b', 'c'] }, { tags: ['c', 'a', 'b'] })).toEqual([
      { path: 'tags', op: 'MOVE', before: ['a', 'b', 'c'], after: ['c', 'a', 'b'] },
    ]);
  });

  it('matches a slot of mixed items', () => {
    const before = { items: [{ promo: 'a' }, { promos: { tags: ['x'], limit: 3 } }] };
    const after = { items: [{ promo: 'a' }, { promos: { tags: ['x'], limit: 4 } }] };
    expect(diffBodies(before, after).map((change) => change.op)).toEqual(['REMOVE', 'ADD']);
  });

  it('falls back to the whole array where elements cannot be distinguished', () => {
    expect(diffBodies({ n: [1, 2] }, { n: [2] })).toEqual([{ path: 'n', op: 'CHANGE', before: [1, 2], after: [2] }]);
  });

  it('shows a new body and a removed one whole', () => {
    expect(diffBodies(undefined, { a: 1 })).toEqual([{ path: '', op: 'ADD', after: { a: 1 } }]);
    expect(diffBodies({ a: 1 }, undefined)).toEqual([{ path: '', op: 'REMOVE', before: { a: 1 } }]);
  });

  it('finds nothing between equal bodies and something between different ones', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as never);
    fc.assert(fc.property(json, (value) => diffBodies(value, structuredClone(value)).length === 0));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), fc.dictionary(fc.string(), fc.integer()), (a, b) => {
        const changed = JSON.stringify(Object.entries(a).sort()) !== JSON.stringify(Object.entries(b).sort());
        return diffBodies(a, b).length > 0 === changed;
      }),
    );
  });
});
