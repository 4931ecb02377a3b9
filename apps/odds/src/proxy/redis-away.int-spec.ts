import { afterEach, expect, test } from 'vitest';
import { failFastConnection } from '@paddock/tasks';
import { startPrivateRedis, until } from '@paddock/testing';
import { respond } from '../testing/fake-upstream.js';
import { LOOPBACK_ONLY, ProxyRig } from '../testing/proxy-rig.js';
import { questionOf } from './question.js';
import { RedisState } from './state/redis-state.js';
import { compileUpstream } from './upstream.js';

const disposals: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

async function rigWithItsRedis() {
  const redis = await startPrivateRedis();
  disposals.push(() => redis.dispose());
  const rig = await ProxyRig.create(new URL(redis.server.url));
  disposals.push(() => rig.dispose());
  return { rig, server: redis.server };
}

test('while Redis is unreachable each process asks for itself, once per window; then they agree again', async () => {
  const { rig, server } = await rigWithItsRedis();
  const [one, two] = [await rig.start(), await rig.start()];
  await Promise.all([one.get('/a'), two.get('/a')]);
  expect(rig.upstream.asked).toHaveLength(1);

  await server.kill9();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 ? one : two).get('/b')));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(rig.upstream.asked.filter(({ url }) => url === '/v4/b')).toHaveLength(2);
  // The process that asked before the loss does not ask again.
  expect((await one.get('/a')).status).toBe(200);
  expect(rig.upstream.asked.filter(({ url }) => url === '/v4/a')).toHaveLength(1);

  await server.start();
  await until(async () => {
    const path = `/c${Math.random()}`;
    await Promise.all([one.get(path), two.get(path)]);
    return rig.upstream.asked.filter(({ url }) => url === `/v4${path}`).length === 1;
  });
});

test('a process that was killed with the permit in hand is waited for no longer than its lease', async () => {
  const { rig, server } = await rigWithItsRedis();
  const change = { timeoutMs: 300 };
  const dead = failFastConnection(new URL(server.url), () => undefined);
  await until(() => dead.status === 'ready');
  const process = await rig.start(change);
  const upstream = compileUpstream('odds', rig.body(change), { policy: LOOPBACK_ONLY, secrets: {} });
  rig.upstream.answer = (_request, response) => respond(response, { alive: true });
  // The question that the living process is about to ask, claimed by one that will never answer.
  const question = questionOf('/v1/proxy/odds/odds', () => upstream);
  const claim = await new RedisState(dead, rig.redis.prefix).claim(question, undefined);
  expect(claim.kind).toBe('YOURS');
  dead.disconnect();
  const answered = await until(async () => {
    const response = await process.get('/odds');
    return response.status === 200 ? response : undefined;
  });
  expect(await answered.json()).toEqual({ alive: true });
  expect(rig.upstream.asked).toHaveLength(1);
  // It comes back to life and says what it learned: too late.
  const late = failFastConnection(new URL(server.url), () => undefined);
  await until(() => late.status === 'ready');
  const again = await new RedisState(late, rig.redis.prefix).claim(question, undefined);
  expect(again).toMatchObject({ kind: 'DONE', outcome: { ok: true } });
  late.disconnect();
});
