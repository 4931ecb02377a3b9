import { expect, it } from 'vitest';
import { CHANGES_KEPT } from '@paddock/contracts';
import { type AppliedChange, RecentChanges } from './recent-changes.js';

const change = (seq: number, items = 1): AppliedChange => ({
  change: {
    seq,
    releaseId: `r${seq}`,
    type: 'FORWARD',
    title: 'x',
    landedAt: '2026-11-20T12:00:00Z',
    stateHash: 'a'.repeat(64),
    items: Array.from({ length: items }, (_, index) => ({ kind: 'promo', site: '*', key: `k${index}`, sha256: null })),
  },
  pages: [],
});

const seqsAfter = (recent: RecentChanges, seq: number, current: number) =>
  recent.after(seq, current)?.map((applied) => applied.change.seq);

it('gives every release after a seq, or says that it cannot', () => {
  const recent = new RecentChanges();
  for (const seq of [5, 6, 7]) recent.push(change(seq));
  expect(seqsAfter(recent, 4, 7)).toEqual([5, 6, 7]);
  expect(seqsAfter(recent, 6, 7)).toEqual([7]);
  expect(seqsAfter(recent, 7, 7)).toEqual([]);
  expect(seqsAfter(recent, 3, 7)).toBeUndefined();
  expect(seqsAfter(recent, 8, 7)).toBeUndefined();
});

it('knows nothing after a state that was read as a whole', () => {
  expect(seqsAfter(new RecentChanges(), 3, 9)).toBeUndefined();
  expect(seqsAfter(new RecentChanges(), 9, 9)).toEqual([]);
});

it('forgets the oldest, by number and by size, and always keeps the newest', () => {
  const many = new RecentChanges();
  for (let seq = 1; seq <= CHANGES_KEPT + 5; seq += 1) many.push(change(seq));
  expect(seqsAfter(many, 4, CHANGES_KEPT + 5)).toBeUndefined();
  expect(seqsAfter(many, 5, CHANGES_KEPT + 5)).toHaveLength(CHANGES_KEPT);
  const large = new RecentChanges();
  for (const seq of [1, 2, 3]) large.push(change(seq, 60_000));
  expect(seqsAfter(large, 2, 3)).toEqual([3]);
  expect(seqsAfter(large, 1, 3)).toBeUndefined();
});
