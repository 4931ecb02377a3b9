import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppName } from '@paddock/processes';
import {
  createDatabase,
  paddock,
  startApp,
  startPrivateRedis,
  temporaryDirectory,
  type TestApp,
  type ThrowawayDatabase,
} from '@paddock/testing';

/** The duties of every app to its operator. */
describe('every app as a process', () => {
  let database: ThrowawayDatabase;
  let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: Record<string, string>;

  beforeAll(async () => {
    [database, redis, directory] = await Promise.all([createDatabase(), startPrivateRedis(), temporaryDirectory()]);
    env = {
      DATABASE_URL: database.url.href,
      REDIS_URL: redis.server.url,
      EDGE_STATE_DIR: `${directory.path}/edge`,
      SEED_OUTPUT: `${directory.path}/sample.json`,
    };
    await paddock(['migrate'], env);
    await paddock(['seed'], env);
    // An edge is ready once there is something to serve, which a worker delivers.
    await withApp('worker', () => withApp('edge', () => Promise.resolve()));
  });
  afterAll(async () => {
    await redis.dispose();
    await database.drop();
    await directory.remove();
  });

  async function withApp(name: AppName, work: (started: TestApp) => Promise<void>): Promise<void> {
    const started = await startApp(name, env);
    try {
      await work(started);
    } finally {
      await started.dispose();
    }
  }

  describe.each(['controlPlane', 'worker', 'edge'] as const)('%s', (name) => {
    test('says that it is alive and ready, and what it measures', () =>
      withApp(name, async ({ app }) => {
        const get = (url: string): Promise<Response> => fetch(url);
        expect(await (await get(`${app.url}/healthz`)).json()).toEqual({ status: 'alive' });
        expect(await (await get(`${app.url}/readyz`)).json()).toEqual({ ready: true });
        expect((await get(`${app.url}/metrics`)).status).toBe(404);
        expect(await (await get(`${app.operationsUrl}/readyz`)).json()).toMatchObject({ ready: true, checks: {} });
        expect(await (await get(`${app.operationsUrl}/metrics`)).text()).toMatch(/^process_cpu_seconds_total[{ ]/m);
      }));

    test('leaves with 0 when asked, within five seconds', () =>
      withApp(name, async ({ app }) => {
        const asked = performance.now();
        expect(await app.stop()).toEqual({ code: 0, signal: null });
        expect(performance.now() - asked).toBeLessThan(5_000);
      }));

    test('comes back on the same port after a kill', () =>
      withApp(name, async ({ app }) => {
        await app.kill9();
        await app.start();
        expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
      }));

    test('names every setting that is wrong, and leaves with 1', async () => {
      const broken = await startApp(name, { REDIS_URL: 'nonsense', LOG_LEVEL: 'shout' }, { ready: false });
      await expect(broken.app.start()).rejects.toThrow('ended while it started');
      expect(await broken.app.exit).toEqual({ code: 1, signal: null });
      const output = await broken.output();
      expect(output).toContain('REDIS_URL must be a URL');
      expect(output).toContain('LOG_LEVEL must be one of');
      expect(output).not.toMatch(/^\s+at /m);
      await broken.dispose();
    });
  });
});
