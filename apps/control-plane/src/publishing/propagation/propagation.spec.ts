import { describe, expect, test } from 'vitest';
import { type InstancePosition, isSettled, propagate, type StoredReceipt, summarize } from './propagation.js';

const LANDED = new Date('2026-11-20T12:00:00Z');
const NOW = new Date('2026-11-20T12:01:00Z');
const release = { environment: 'production', seq: 42, landedAt: LANDED };

function at(seconds: number): Date {
  return new Date(LANDED.getTime() + seconds * 1000);
}

/** Alive since long before the landing, and still at the release before. */
function edge(instance: string, more: Partial<InstancePosition> = {}): InstancePosition {
  return { consumer: 'edge', instance, appliedSeq: 41, startedAt: at(-3600), leaseExpiresAt: at(75), ...more };
}

function said(instance: string, state: StoredReceipt['state'], more: Partial<StoredReceipt> = {}): StoredReceipt {
  return { consumer: 'edge', instance, state, ms: null, error: null, appliedAt: at(1), ...more };
}

function states(instances: InstancePosition[], receipts: StoredReceipt[]): Record<string, string> {
  return Object.fromEntries(
    propagate(release, instances, receipts, NOW).receipts.map(({ instance, state }) => [instance, state]),
  );
}

describe('propagate', () => {
  test.each<[string, InstancePosition[], StoredReceipt[], Record<string, string>]>([
    ['alive and silent is pending', [edge('a')], [], { a: 'PENDING' }],
    [
      'a receipt is what it says',
      [edge('a'), edge('b')],
      [said('a', 'REJECTED'), said('b', 'SKIPPED')],
      { a: 'REJECTED', b: 'SKIPPED' },
    ],
    ['a lost receipt heals by being further', [edge('a', { appliedSeq: 43 })], [], { a: 'APPLIED' }],
    [
      'rejected at first, then exactly there',
      [edge('a', { appliedSeq: 42 })],
      [said('a', 'REJECTED')],
      { a: 'APPLIED' },
    ],
    [
      'rejected, and only a later release worked',
      [edge('a', { appliedSeq: 43 })],
      [said('a', 'REJECTED')],
      { a: 'REJECTED' },
    ],
    ['died after the landing without a word', [edge('a', { leaseExpiresAt: at(10) })], [], { a: 'STALE' }],
    ['was dead before the landing', [edge('a', { leaseExpiresAt: at(-1) })], [], {}],
    ['died after it had applied it', [edge('a', { leaseExpiresAt: at(10) })], [said('a', 'APPLIED')], { a: 'APPLIED' }],
    ['never had a lease, but said something', [], [said('a', 'APPLIED')], { a: 'APPLIED' }],
    [
      'started afterwards and is not there yet',
      [edge('a', { startedAt: at(30), appliedSeq: 0 })],
      [],
      { a: 'PENDING' },
    ],
    [
      'the same name in another class is another instance',
      [edge('a'), edge('a', { consumer: 'odds', appliedSeq: 42 })],
      [],
      { a: 'APPLIED' },
    ],
  ])('%s', (_, instances, receipts, expected) => {
    expect(states(instances, receipts)).toEqual(expected);
  });

  test('delays count for p95 by nearest rank, except those of instances that started after the landing', () => {
    const names = Array.from({ length: 20 }, (_, index) => `e${index}`);
    const instances = [
      ...names.map((name) => edge(name, { appliedSeq: 42 })),
      edge('late', { appliedSeq: 42, startedAt: at(20) }),
    ];
    const receipts = [
      ...names.map((name, index) => said(name, 'APPLIED', { ms: (index + 1) * 10 })),
      said('late', 'APPLIED', { ms: 21_000, appliedAt: at(21) }),
    ];
    const state = propagate(release, instances, receipts, NOW);
    expect(state).toMatchObject({ desiredSeq: 42, applied: 21, pending: 0, p95Ms: 190 });
  });

  test('an instance that restarted after it had applied it still counts', () => {
    const state = propagate(
      release,
      [edge('a', { startedAt: at(30), appliedSeq: 42 })],
      [said('a', 'APPLIED', { ms: 31, appliedAt: at(0.031) })],
      NOW,
    );
    expect(state.p95Ms).toBe(31);
  });

  test('a rejection shows its reason, and no delay', () => {
    const state = propagate(release, [edge('a')], [said('a', 'REJECTED', { error: 'blob is damaged', ms: 12 })], NOW);
    expect(state).toMatchObject({
      rejected: 1,
      p95Ms: null,
      receipts: [{ state: 'REJECTED', error: 'blob is damaged' }],
    });
  });
});

describe('isSettled', () => {
  test.each<[string, InstancePosition[], StoredReceipt[], boolean]>([
    ['no instance yet', [], [], false],
    ['an instance outstanding', [edge('a'), edge('b', { appliedSeq: 42 })], [], false],
    ['an instance that rejected it and may still apply it', [edge('a')], [said('a', 'REJECTED')], false],
    ['all there, and one dead', [edge('a', { appliedSeq: 42 }), edge('b', { leaseExpiresAt: at(1) })], [], true],
  ])('%s', (_, instances, receipts, expected) => {
    expect(isSettled(propagate(release, instances, receipts, NOW))).toBe(expected);
  });
});

describe('summarize', () => {
  test.each<[string, InstancePosition[], StoredReceipt[]]>([
    [
      'release 42: applied by 2 of 2 edges, p95 31 ms',
      [edge('a'), edge('b')],
      [said('a', 'APPLIED', { ms: 31 }), said('b', 'APPLIED', { ms: 9 })],
    ],
    ['release 42: applied by 0 of 1 edge', [edge('a')], []],
    [
      'release 42: applied by 1 of 3 instances, rejected by 1, 1 stale, p95 5 ms',
      [edge('a'), edge('b'), edge('c', { consumer: 'odds' }), edge('d', { leaseExpiresAt: at(1) })],
      [said('a', 'APPLIED', { ms: 5 }), said('b', 'REJECTED')],
    ],
    ['release 42: applied by 0 of 0 instances', [], []],
  ])('%s', (expected, instances, receipts) => {
    expect(summarize(propagate(release, instances, receipts, NOW))).toBe(expected);
  });
});
