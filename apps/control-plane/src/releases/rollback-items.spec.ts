import { describe, expect, it } from 'vitest';
import { type LandedItem, rollbackItems } from './rollback-items.js';

const item = (
  key: string,
  previousRevision: number | null,
  liveRevision: number | null,
  later: LandedItem['later'] = [],
  standsAsLanded = false,
): LandedItem => ({
  ...{
    documentId: key,
    ref: { kind: 'promo', site: 'acme-uk', key },
    previousRevision,
    standsAsLanded,
    standsAsBefore: previousRevision === liveRevision,
    later,
  },
});

const LATER = [{ seq: 9, title: 'Autumn' }];

describe('rollbackItems', () => {
  it('returns each document to what the release replaced, and removes what it brought', () => {
    expect(rollbackItems([item('a', 1, 2), item('b', null, 1)], undefined)).toEqual({
      pins: [
        { documentId: 'a', op: 'PUT', revision: 1 },
        { documentId: 'b', op: 'REMOVE', revision: null },
      ],
      gates: [],
    });
  });

  it('brings back what the release removed', () => {
    expect(rollbackItems([item('a', 3, null)], undefined).pins).toEqual([{ documentId: 'a', op: 'PUT', revision: 3 }]);
  });

  it('shows later changes first and lets the operator keep or revert each', () => {
    const items = [item('a', 1, 3, LATER), item('b', 1, 2)];
    const [gate] = rollbackItems(items, undefined).gates;
    expect(gate).toMatchObject({ code: 'OVERLAP', documentId: 'a' });
    expect(gate?.message).toContain('9 "Autumn"');
    expect(rollbackItems(items, ['a'])).toEqual({ pins: [{ documentId: 'b', op: 'PUT', revision: 1 }], gates: [] });
    expect(rollbackItems(items, []).pins.map((pin) => pin.documentId)).toEqual(['a', 'b']);
  });

  it('sees no overlap where later changes were taken back', () => {
    expect(rollbackItems([item('a', 1, 2, LATER, true)], undefined)).toEqual({
      pins: [{ documentId: 'a', op: 'PUT', revision: 1 }],
      gates: [],
    });
  });

  it('leaves alone what is already as it was, and says when nothing is left to do', () => {
    expect(rollbackItems([item('a', 1, 1, LATER)], undefined).gates).toMatchObject([{ code: 'NOTHING_TO_ROLL_BACK' }]);
    expect(rollbackItems([item('a', 1, 2)], ['a']).gates).toMatchObject([{ code: 'NOTHING_TO_ROLL_BACK' }]);
  });
});
