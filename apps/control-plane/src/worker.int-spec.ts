import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startApp, startPrivateRedis, type TestApp, until } from '@paddock/testing';
import { type PublishingWorld, publishingWorld } from './publishing/testing/publishing-world.js';

type PrivateRedis = Awaited<ReturnType<typeof startPrivateRedis>>;

let redis: PrivateRedis;
let world: PublishingWorld;
let worker: TestApp | undefined;

beforeAll(async () => {
  redis = await startPrivateRedis();
  world = await publishingWorld({ redisUrl: new URL(redis.server.url) });
});
afterAll(async () => {
  await world.close();
  await redis.dispose();
});
afterEach(async () => {
  await worker?.dispose();
  worker = undefined;
});

async function delivered(): Promise<boolean> {
  return (await world.query('SELECT id FROM outbox WHERE delivered_at IS NULL')).length === 0;
}

describe('the worker process', () => {
  test('serves health and metrics, and leaves with 0 on SIGTERM', async () => {
    worker = await startApp('worker', world.env);
    const ready = await (await fetch(`${worker.app.operationsUrl}/readyz`)).json();
    expect(ready).toMatchObject({
      ready: true,
      checks: { database: { ok: true }, queues: { ok: true }, outbox: { ok: true }, redis: { ok: true } },
    });
    await until(() => world.whole());
    const metrics = await (await fetch(`${worker.app.operationsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^paddock_artefact_lag_releases\{.*environment="production".*\} /m);
    const began = performance.now();
    expect(await worker.app.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each(['rebuild:mid-live', 'rebuild:before-head'])('kill-9 at %s: the next rebuild goes on', async (point) => {
    await world.history.land({ summer: point });
    await redis.server.flush();
    worker = await startApp('worker', { ...world.env, PADDOCK_CRASH: point }, { ready: false });
    const { app } = worker;
    // It may just have become ready.
    await app.start().catch(() => undefined);
    await until(() => !app.running, { what: 'the crash' });
    expect(await world.redis.exists(world.keys.head)).toBe(0);
    await app.start({ env: { PADDOCK_CRASH: undefined } });
    await until(async () => (await world.whole()) && (await delivered()));
  });

  test('redis-flushed: everything is back within seconds, and the queues work on', async () => {
    worker = await startApp('worker', world.env);
    await world.history.land({ summer: 'before' });
    await until(async () => (await world.whole()) && (await delivered()));
    await redis.server.flush();
    const flushed = performance.now();
    await until(() => world.whole());
    expect(performance.now() - flushed).toBeLessThan(15_000);
    await world.history.land({ summer: 'after' });
    await until(async () => (await world.whole()) && (await delivered()));
  });

  test('redis-restarted: the worker says that it is not ready, and is again', async () => {
    worker = await startApp('worker', world.env);
    const { app } = worker;
    const status = async () => (await fetch(`${app.url}/readyz`)).status;
    await redis.server.kill9();
    await until(async () => (await status()) === 503);
    await world.history.land({ summer: 'while Redis is away' });
    await redis.server.start();
    await until(async () => (await world.whole()) && (await delivered()), { timeoutMs: 60_000 });
    await until(async () => (await status()) === 200);
    expect(app.running).toBe(true);
    const warnings = (await worker.output()).split('\n').filter((line) => line.includes('"warn"'));
    // Once per part that noticed, not once per attempt.
    expect(warnings.length).toBeLessThan(20);
  });

  test('a Redis that evicts keys is refused', async () => {
    await world.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    worker = await startApp('worker', world.env, { ready: false });
    await expect(worker.app.start()).rejects.toThrow('maxmemory-policy is allkeys-lru');
    expect(await worker.app.exit).toMatchObject({ code: 1 });
    await world.redis.config('SET', 'maxmemory-policy', 'noeviction');
  });
});
