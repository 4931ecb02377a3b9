import { describe, expect, test } from 'vitest';
import {
  type RecoveryAction,
  type RecoveryEvent,
  type RecoveryState,
  recoveryStep,
  UNRECOVERED,
  UOF_RULES,
} from './recovery.js';

const alive = (timestamp: number, subscribed = true): RecoveryEvent => ({ type: 'alive', timestamp, subscribed });
const complete = (requestId: number): RecoveryEvent => ({ type: 'snapshot_complete', requestId: String(requestId) });
const accepted = (requestId: number, ok = true): RecoveryEvent => ({ type: 'requested', requestId, ok });
const tick: RecoveryEvent = { type: 'tick' };

/** Runs events at their times and gives every action with its time. */
function play(...events: [now: number, event: RecoveryEvent][]): {
  state: RecoveryState;
  actions: [number, RecoveryAction][];
} {
  let state = UNRECOVERED;
  const actions: [number, RecoveryAction][] = [];
  for (const [now, event] of events) {
    const [next, done] = recoveryStep(state, event, now);
    state = next;
    actions.push(...done.map((action): [number, RecoveryAction] => [now, action]));
  }
  return { state, actions };
}

const ACTIVE: [number, RecoveryEvent][] = [
  [0, alive(0)],
  [1, accepted(1)],
  [100, complete(1)],
  [10_000, alive(10_000)],
];
const RECOVERED: [number, RecoveryAction][] = [
  [0, { type: 'request', requestId: 1, after: undefined }],
  [100, { type: 'up' }],
];

describe('recovery of a producer', () => {
  test('asks for everything at first, and is complete with the answer to its own request', () => {
    expect(play(...ACTIVE).actions).toEqual(RECOVERED);
    expect(play([0, alive(0)], [1, accepted(1)], [100, complete(7)]).state.phase).toBe('RECOVERING');
  });

  test('is down after 20 s without alive, and asks for what came after the last one', () => {
    const { actions } = play(...ACTIVE, [29_000, tick], [30_001, tick], [31_000, tick], [40_000, alive(40_000)]);
    expect(actions).toEqual([
      ...RECOVERED,
      [30_001, { type: 'down', reason: 'SILENT' }],
      [40_000, { type: 'request', requestId: 2, after: 10_000 }],
    ]);
  });

  test('asks for everything after an outage longer than the producer can recover', () => {
    const late = 10_000 + UOF_RULES.windowMs;
    expect(play(...ACTIVE, [late, tick], [late + 1, alive(late + 1)]).actions.at(-1)).toEqual([
      late + 1,
      { type: 'request', requestId: 2, after: undefined },
    ]);
  });

  test('is down at once when Sportradar says that it is not subscribed', () => {
    const { actions } = play(...ACTIVE, [50_000, alive(50_000, false)]);
    expect(actions.slice(2)).toEqual([
      [50_000, { type: 'down', reason: 'DISCONNECTED' }],
      [50_000, { type: 'request', requestId: 2, after: 10_000 }],
    ]);
  });

  test('tries a refused request again at once, then ever more slowly, and never believes that it is under way', () => {
    const { actions } = play(
      [0, alive(0)],
      [1, accepted(1, false)],
      [2, accepted(2, false)],
      [500, tick],
      [1_003, tick],
      [1_004, accepted(3, false)],
      [2_500, tick],
      [3_005, tick],
    );
    expect(actions.map(([now, action]) => [now, action.type])).toEqual([
      [0, 'request'],
      [1, 'request'],
      [1_003, 'request'],
      [3_005, 'request'],
    ]);
  });

  test('asks no more often than every 30 s once a request was accepted', () => {
    const { actions } = play(
      ...ACTIVE,
      [15_000, { type: 'distrusted' }],
      [20_000, tick],
      [25_000, alive(25_000)],
      [29_999, tick],
      [30_001, tick],
    );
    expect(actions.slice(2)).toEqual([[30_001, { type: 'request', requestId: 2, after: 10_000 }]]);
  });

  test('lets a recovery that is under way come to its end, however often it is said that the feed is down', () => {
    const reminders = Array.from({ length: 24 }, (_, beat): [number, RecoveryEvent] => [
      beat * 5_000 + 4_000,
      beat % 2 ? alive(beat * 5_000 + 4_000) : { type: 'distrusted' },
    ]);
    const { state, actions } = play([0, alive(0)], [1, accepted(1)], ...reminders, [125_000, complete(1)]);
    expect([actions.map(([, { type }]) => type), state.phase]).toEqual([['request', 'up'], 'ACTIVE']);
  });

  test('does not trust the answer to a recovery when part of it was lost, and asks again', () => {
    const { actions } = play(
      [0, alive(0)],
      [1, accepted(1)],
      [40_000, { type: 'lost' }],
      [40_001, accepted(2)],
      [41_000, complete(1)],
      [42_000, complete(2)],
    );
    expect(actions.map(([now, { type }]) => [now, type])).toEqual([
      [0, 'request'],
      [40_000, 'request'],
      [42_000, 'up'],
    ]);
  });

  test('stays down while nothing is heard, and does not ask whenever it is reminded', () => {
    const { actions } = play(
      ...ACTIVE,
      [30_001, tick],
      [35_000, { type: 'distrusted' }],
      [70_000, { type: 'distrusted' }],
      [71_000, tick],
    );
    expect(actions.slice(2)).toEqual([[30_001, { type: 'down', reason: 'SILENT' }]]);
  });

  test('asks for everything when the time after which it asks is refused', () => {
    const refused: RecoveryEvent = { type: 'requested', requestId: 2, ok: false, badTime: true };
    const { actions } = play(...ACTIVE, [50_000, alive(50_000, false)], [50_001, refused], [50_002, accepted(3)]);
    expect(actions.slice(3)).toEqual([
      [50_000, { type: 'request', requestId: 2, after: 10_000 }],
      [50_001, { type: 'request', requestId: 3, after: undefined }],
    ]);
  });

  test('asks again when a recovery takes longer than 20 minutes', () => {
    const beats = Array.from({ length: 121 }, (_, beat): [number, RecoveryEvent] => [
      beat * 10_000,
      alive(beat * 10_000),
    ]);
    const { actions } = play([0, alive(0)], [1, accepted(1)], ...beats, [1_200_000, tick], [1_200_002, tick]);
    expect(actions.slice(1)).toEqual([[1_200_002, { type: 'request', requestId: 2, after: undefined }]]);
  });
});
