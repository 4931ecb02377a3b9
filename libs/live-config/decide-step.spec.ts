import { describe, expect, test } from 'vitest';
import type { LandedChange } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import type { ConfigPosition } from './config-state.js';
import { afterFailure, decideStep, type FailedSteps, mayReplace } from './decide-step.js';

const DISTANCES = [1, 20, 21, 2_000, 20_001];

/** The history of an environment: release `seq` leads to the state `epoch:seq`. */
interface World {
  readonly epoch: string;
  /** The seq of the head. */
  readonly seq: number;
  /** The oldest release whose record is kept. */
  readonly keptFrom: number;
  /** Why the releases after `from` up to `to`, taken together, cannot be applied; `since` as a follower may learn it. */
  readonly unusable?: (from: number, to: number) => { since?: number } | undefined;
  /** Can everything that is live at the head be read? */
  readonly readable?: boolean;
}

const at = (epoch: string, seq: number): ConfigPosition => ({ epoch, seq, stateHash: `${epoch}:${seq}` });

const landed = (epoch: string, seq: number): LandedChange => ({
  ...{ seq, releaseId: `r${seq}`, type: 'FORWARD', title: '', landedAt: '2026-12-01T00:00:00Z', items: [] },
  previousStateHash: `${epoch}:${seq - 1}`,
  stateHash: `${epoch}:${seq}`,
});

function between({ epoch, seq, keptFrom }: World, from: number): readonly LandedChange[] | 'LOST' {
  if (from + 1 < keptFrom) return 'LOST';
  return Array.from({ length: Math.max(0, seq - from) }, (_, index) => landed(epoch, from + 1 + index));
}

interface Walk {
  /** Every position that was held, in order. */
  readonly path: readonly (ConfigPosition | undefined)[];
  readonly attempts: number;
  readonly end: string;
}

/** Does what the decisions say until nothing more is to be done. */
function walk(world: World, start: ConfigPosition | undefined): Walk {
  const head = at(world.epoch, world.seq);
  const path = [start];
  let held = start;
  let failed: FailedSteps | undefined;
  let changes: readonly LandedChange[] | 'LOST' | undefined;
  for (let attempts = 0; ; attempts += 1) {
    const decision = decideStep({ held, head, between: changes, failed });
    if (decision.action === 'READ_ALL') {
      if (world.readable === false || !mayReplace(held, head)) return { path, attempts, end: 'NOT_READ' };
      held = head;
      changes = undefined;
    } else if (decision.action === 'FORWARD' && changes === undefined) {
      changes = between(world, decision.from - 1);
      continue;
    } else if (decision.action === 'FORWARD') {
      const failure = world.unusable?.(decision.from - 1, decision.to);
      if (failure) {
        failed = afterFailure(failed, decision.to, failure.since);
        continue;
      }
      held = at(world.epoch, decision.to);
      changes = typeof changes === 'object' ? changes.filter(({ seq }) => seq > decision.to) : changes;
    } else {
      return { path, attempts, end: decision.action };
    }
    path.push(held);
  }
}

/** Where any walk may begin: nowhere, or anywhere in this history or another one. */
const start = fc.option(
  fc.record({ epoch: fc.constantFrom('a', 'b'), seq: fc.nat(60) }).map(({ epoch, seq }) => at(epoch, seq)),
  { nil: undefined },
);

/** A head as it is found, in one of two histories, and how much of what leads to it is there. */
const looks = fc.record({
  ...{ epoch: fc.constantFrom('a', 'b'), seq: fc.nat(60), isFull: fc.boolean() },
  ...{ keptFrom: fc.nat(70), readable: fc.boolean() },
});

/** Releases that set documents, some to bodies that cannot be used: which steps fail follows from the last writes. */
const documents = fc.record({
  writes: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 }),
  bad: fc.uniqueArray(fc.nat(59), { maxLength: 19 }),
  names: fc.boolean(),
});

interface Documents {
  readonly writes: readonly string[];
  readonly bad: readonly number[];
  /** Are unusable documents known by name, so that it is known since when a step fails? */
  readonly names: boolean;
}

function unusableBy({ writes, bad, names }: Documents): NonNullable<World['unusable']> {
  return (from, to) => {
    const last = new Map(writes.slice(from, to).map((name, index) => [name, from + index]));
    const wrong = [...last.values()].filter((index) => bad.includes(index)).map((index) => index + 1);
    if (wrong.length === 0) return undefined;
    return names ? { since: Math.min(...wrong) } : {};
  };
}

describe('a follower', () => {
  test('never goes back within a history, holds nothing but states that once were live, and ends, whatever heads follow', () => {
    fc.assert(
      fc.property(start, documents, fc.array(looks, { maxLength: 6 }), (begin, drawn, heads) => {
        let held = begin;
        for (const { isFull, ...look } of heads) {
          const seq = isFull ? drawn.writes.length : Math.min(look.seq, drawn.writes.length);
          const { path, attempts } = walk({ ...look, seq, unusable: unusableBy(drawn) }, held);
          expect(attempts).toBeLessThan(100);
          for (const [index, position] of path.entries()) {
            const before = path[index - 1];
            if (index === 0 || !position) continue;
            expect(position).toEqual(at(look.epoch, position.seq));
            expect(position.seq).toBeLessThanOrEqual(seq);
            if (before?.epoch === position.epoch) expect(position.seq).toBeGreaterThan(before.seq);
          }
          held = path.at(-1);
        }
      }),
    );
  });

  test('reaches each head whose releases can be applied, or read where they do not lead to it', () => {
    fc.assert(
      fc.property(start, fc.nat(60), fc.nat(70), (begin, seq, keptFrom) => {
        const { path, end } = walk({ epoch: 'a', seq, keptFrom }, begin);
        const isAhead = begin?.epoch === 'a' && begin.seq > seq;
        expect(end).toBe(isAhead ? 'WAIT' : 'STAY');
        expect(path.at(-1)).toEqual(isAhead ? begin : at('a', seq));
      }),
    );
  });

  test('whose failures name the unusable documents reaches the newest release that can be applied', () => {
    fc.assert(
      fc.property(documents, (drawn) => {
        const world = {
          epoch: 'a',
          seq: drawn.writes.length,
          keptFrom: 1,
          unusable: unusableBy({ ...drawn, names: true }),
        };
        const ends = Array.from({ length: world.seq }, (_, index) => world.seq - index);
        const newest = ends.find((to) => !world.unusable(0, to)) ?? 0;
        expect(walk(world, at('a', 0)).path.at(-1)).toEqual(at('a', newest));
      }),
    );
  });
});

describe.each(DISTANCES)('%s releases behind a head that cannot be applied', (distance) => {
  const attemptsAllowed = 20 + Math.ceil(Math.log2(distance + 1)) + 2;

  test('a follower comes to the release before the one from which on all fail, in few attempts', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: distance }), (seq, broken) => {
        const world = {
          ...{ epoch: 'a', seq: seq + distance, keptFrom: 1 },
          unusable: (_: number, to: number) => (to >= seq + broken ? {} : undefined),
        };
        const { path, attempts, end } = walk(world, at('a', seq));
        expect(path.at(-1)).toEqual(at('a', seq + broken - 1));
        expect(end).toBe('STOP');
        expect(attempts).toBeLessThanOrEqual(attemptsAllowed);
      }),
      { numRuns: distance > 1_000 ? 5 : 50 },
    );
  });

  test('the head alone is left out where it alone fails', () => {
    const world = {
      ...{ epoch: 'a', seq: distance, keptFrom: 1 },
      unusable: (_: number, to: number) => (to === distance ? {} : undefined),
    };
    const { path, attempts } = walk(world, at('a', 0));
    expect(path.at(-1)).toEqual(at('a', distance - 1));
    expect(attempts).toBeLessThanOrEqual(3);
  });

  test('what is held stays where neither releases nor all that is live can be taken', () => {
    const world = { epoch: 'a', seq: 5 + distance, keptFrom: 5 + distance + 1, readable: false };
    expect(walk(world, at('a', 5))).toMatchObject({ path: [at('a', 5)], end: 'NOT_READ' });
  });
});

test.each([
  ['nothing is held', undefined, at('a', 3), 'no state is held'],
  ['the epoch is another', at('b', 9), at('a', 3), 'another history'],
  [
    'the state under the same seq is another',
    { ...at('a', 3), stateHash: 'x' },
    at('a', 3),
    'another state at the same seq',
  ],
])('everything is read where %s', (_, held, head, why) => {
  expect(decideStep({ held, head })).toEqual({ action: 'READ_ALL', why });
});

test('releases that name another state before them are not applied', () => {
  const changes = [landed('a', 4), { ...landed('a', 5), previousStateHash: 'x' }];
  expect(decideStep({ held: at('a', 3), head: at('a', 5), between: changes })).toEqual({
    action: 'READ_ALL',
    why: 'the releases do not continue from the state held here',
  });
});

test('a state that was read replaces none that is newer in the same history', () => {
  expect([
    mayReplace(at('a', 5), at('a', 4)),
    mayReplace(at('a', 5), at('a', 5)),
    mayReplace(at('b', 5), at('a', 4)),
    mayReplace(undefined, at('a', 0)),
  ]).toEqual([false, true, true, true]);
});
