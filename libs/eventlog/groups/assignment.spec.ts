import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { EMPTY_GROUP, type GroupState, releasePartition, removeMember, renewMember } from './assignment.js';

const LEASE = 5_000;

/** One member shows that it lives and gives up at once what it has too many of. */
function beat(state: GroupState, member: string, now: number, partitions: number): GroupState {
  const renewed = renewMember(state, { member, now, leaseMs: LEASE, partitions });
  return renewed.surplus.reduce(
    (after, partition) => releasePartition(after, partition, renewed.owned.get(partition) ?? 0),
    renewed.state,
  );
}

const sharesOf = (state: GroupState, members: readonly string[]): number[] =>
  members.map((member) => Object.values(state.owners).filter((owner) => owner.member === member).length);

describe('the partitions of a group', () => {
  test('all go to a lone member', () => {
    expect([...renewMember(EMPTY_GROUP, { member: 'a', now: 0, leaseMs: LEASE, partitions: 3 }).owned]).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test('stay with their owner until it gives them up', () => {
    const alone = beat(EMPTY_GROUP, 'a', 0, 4);
    const joined = renewMember(alone, { member: 'b', now: 1, leaseMs: LEASE, partitions: 4 });
    expect(joined.owned.size).toBe(0);
    expect(renewMember(joined.state, { member: 'a', now: 2, leaseMs: LEASE, partitions: 4 }).surplus).toEqual([2, 3]);
  });

  test('go to others when their owner has been silent for its lease, with higher tokens', () => {
    const both = beat(beat(beat(EMPTY_GROUP, 'a', 0, 2), 'b', 1, 2), 'a', 2, 2);
    const settled = beat(both, 'b', 3, 2);
    expect(sharesOf(settled, ['a', 'b'])).toEqual([1, 1]);
    const later = renewMember(settled, { member: 'b', now: 2 + LEASE, leaseMs: LEASE, partitions: 2 });
    expect(later.owned.size).toBe(2);
    expect(Math.max(...later.owned.values())).toBeGreaterThan(settled.token);
  });

  test('are free at once when their owner leaves', () => {
    const left = removeMember(beat(EMPTY_GROUP, 'a', 0, 2), 'a');
    expect(renewMember(left, { member: 'b', now: 1, leaseMs: LEASE, partitions: 2 }).owned.size).toBe(2);
  });

  test('end shared evenly and completely, whatever joined, left and died before', () => {
    const step = fc.record({
      member: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      act: fc.constantFrom('beat', 'leave'),
      pause: fc.nat(3_000),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, partitions, alive) => {
          let state = EMPTY_GROUP;
          let now = 0;
          for (const { member, act, pause } of steps) {
            now += pause;
            state = act === 'beat' ? beat(state, member, now, partitions) : removeMember(state, member);
          }
          const members = ['a', 'b', 'c', 'd', 'e'].slice(0, alive);
          now += LEASE;
          for (let round = 0; round < 3; round += 1)
            for (const member of members) state = beat(state, member, now, partitions);
          const shares = sharesOf(state, members);
          expect(Object.keys(state.owners)).toHaveLength(partitions);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
