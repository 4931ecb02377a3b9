import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failFastConnection } from '@paddock/tasks';
import { redisPrefix, type RedisPrefix, until } from '@paddock/testing';
import { lastingWindowMs, LOOPBACK_ONLY } from '../../testing/proxy-rig.js';
import type { Answer, Failure, FailureCode } from '../outcome.js';
import { compileUpstream } from '../upstream.js';
import { LocalState } from './local-state.js';
import { RedisState } from './redis-state.js';
import type { Claim, Permit, Question, SharedState } from './shared-state.js';

const WINDOW_MS = lastingWindowMs();

let place: RedisPrefix;
let connection: ReturnType<typeof failFastConnection>;

beforeEach(async () => {
  place = redisPrefix();
  connection = failFastConnection(place.url, () => undefined);
  await until(() => connection.status === 'ready');
});
afterEach(async () => {
  connection.disconnect();
  await place.clear();
});

/** Its permits last a second longer than `timeoutMs`: long enough for a machine that has other things to do. */
function question(id: string, timeoutMs = 20_000): Question {
  const body = {
    baseUrl: 'http://127.0.0.1:1',
    windowMs: WINDOW_MS,
    timeoutMs,
    cooldownMs: 3_000,
    silenceMs: 7_200_000,
    allow: ['/**'],
  };
  return {
    id,
    upstream: compileUpstream('odds', body, { policy: LOOPBACK_ONLY, secrets: {} }),
    target: { path: `/${id}`, query: '' },
  };
}

const answer: Answer = {
  status: 200,
  headers: {},
  body: Buffer.from([0, 255, 10]),
  etag: '"e"',
  validators: {},
  window: 1,
  requestedAt: 1,
  asOf: 1,
};

function failure(code: FailureCode, restMs?: number): Failure {
  const at = Date.now();
  return {
    code,
    detail: 'x',
    at,
    retryAt: at + WINDOW_MS,
    ...(restMs === undefined ? {} : { restUntil: at + restMs }),
  };
}

function permitOf(claim: Claim): Permit {
  if (claim.kind !== 'YOURS') throw new Error(`it was ${claim.kind}`);
  return claim.permit;
}

describe.each([
  ['within a process', (): SharedState => new LocalState()],
  ['through Redis', (): SharedState => new RedisState(connection, place.prefix)],
])('agreement %s', (_name, create) => {
  test('one asks, the others wait; then all know, and no process asks again in this window', async () => {
    const state = create();
    const permit = permitOf(await state.claim(question('a'), undefined));
    expect((await state.claim(question('a'), undefined)).kind).toBe('RUNNING');
    expect((await state.claim(question('b'), undefined)).kind).toBe('YOURS');
    const refused = failure('UPSTREAM_TOO_LARGE');
    expect(await permit.settle({ ok: false, failure: refused })).toBe(true);
    expect(await state.claim(question('a'), undefined)).toEqual({
      kind: 'DONE',
      outcome: { ok: false, failure: refused },
    });
    expect(await permit.settle({ ok: true, answer })).toBe(false);
  });

  test('after giving up no process asks in the same window; with a waiter giving up is refused', async () => {
    const state = create();
    const permit = permitOf(await state.claim(question('a'), undefined));
    const waiting = await state.claim(question('a'), undefined);
    if (waiting.kind !== 'RUNNING') throw new Error(waiting.kind);
    // Checking again counts no waiter twice.
    await state.claim(question('a'), waiting.fence);
    expect(await permit.abandon()).toBe(false);
    await waiting.leave();
    expect(await permit.abandon()).toBe(true);
    const later = await state.claim(question('a'), undefined);
    expect(later).toMatchObject({ kind: 'LATER' });
    expect(later.kind === 'LATER' && later.waitMs > 0 && later.waitMs <= WINDOW_MS).toBe(true);
  });

  test('a permit that is held too long goes to another, and its holder is no longer heard', async () => {
    const state = create();
    const soon = question('a', 2_000);
    const dead = permitOf(await state.claim(soon, undefined));
    const permit = await until(async () => {
      const claim = await state.claim(soon, undefined);
      return claim.kind === 'YOURS' ? claim.permit : undefined;
    });
    expect(await dead.settle({ ok: true, answer })).toBe(false);
    expect((await state.claim(soon, undefined)).kind).toBe('RUNNING');
    expect(await permit.settle({ ok: false, failure: failure('UPSTREAM_TOO_LARGE') })).toBe(true);
  });

  test('three failures in a row let the upstream rest; then one asks, and its success lets all ask', async () => {
    const state = create();
    for (const id of ['a', 'b', 'c'])
      await permitOf(await state.claim(question(id), undefined)).settle({
        ok: false,
        failure: failure('UPSTREAM_TIMEOUT'),
      });
    const resting = await state.claim(question('d'), undefined);
    expect(resting).toMatchObject({ kind: 'RESTING', failure: { code: 'UPSTREAM_RESTING' } });
    const probe = await until(async () => {
      const claim = await state.claim(question('d'), undefined);
      return claim.kind === 'YOURS' ? claim.permit : undefined;
    });
    expect((await state.claim(question('e'), undefined)).kind).toBe('RESTING');
    await probe.settle({ ok: true, answer });
    expect((await state.claim(question('e'), undefined)).kind).toBe('YOURS');
  });

  test('failures with a success between them are forgiven', async () => {
    const state = create();
    for (const [id, ok] of [
      ['a', false],
      ['b', false],
      ['c', true],
      ['d', false],
      ['e', false],
    ] as const) {
      await permitOf(await state.claim(question(id), undefined)).settle(
        ok ? { ok, answer } : { ok, failure: failure('UPSTREAM_ERROR') },
      );
    }
    expect((await state.claim(question('f'), undefined)).kind).toBe('YOURS');
  });

  test('what the upstream asks for is kept to the end, whatever else succeeds meanwhile', async () => {
    const state = create();
    const other = permitOf(await state.claim(question('b'), undefined));
    await permitOf(await state.claim(question('a'), undefined)).settle({
      ok: false,
      failure: failure('UPSTREAM_THROTTLED', 3_000),
    });
    await other.settle({ ok: true, answer });
    expect((await state.claim(question('c'), undefined)).kind).toBe('RESTING');
    await until(async () => (await state.claim(question('c'), undefined)).kind === 'YOURS');
  });
});

test('answers pass through Redis byte by byte', async () => {
  const state = new RedisState(connection, place.prefix);
  await permitOf(await state.claim(question('a'), undefined)).settle({ ok: true, answer });
  expect(await state.claim(question('a'), undefined)).toEqual({ kind: 'DONE', outcome: { ok: true, answer } });
});
