import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { createLogger, createMetrics, Health } from '#runtime';
import { clientKey, redisPrefix, type RedisPrefix, temporaryDirectory, TestPublisher, until } from '#testing';
import { readSettings } from '../settings.js';
import { type FakeUpstream, startFakeUpstream } from '../testing/fake-upstream.js';
import { RunningProxy } from './start-proxy.js';

let place: RedisPrefix;
let directory: { path: string; remove(): Promise<void> };
let publisher: TestPublisher;
let upstream: FakeUpstream;
let app: FastifyInstance;
let proxy: RunningProxy;
let url: string;
const health = new Health();

beforeEach(async () => {
  place = redisPrefix();
  [directory, upstream] = await Promise.all([temporaryDirectory(), startFakeUpstream()]);
  publisher = new TestPublisher(place.url, place.prefix);
  await publisher.settings({ clientKeys: [clientKey('pk_shop', { scopes: ['proxy'] })] });
  const settings = readSettings({ DATABASE_URL: 'mysql://unused', REDIS_URL: place.url.href, REDIS_PREFIX: place.prefix, ODDS_STATE_DIR: directory.path, ODDS_POLL_MS: '100', PROXY_ALLOW_PRIVATE: 'true' });
  proxy = await RunningProxy.start(settings, { logger: createLogger('odds', 'silent'), metrics: createMetrics('odds'), health });
  app = fastify({ forceCloseConnections: true });
  proxy.serve(app);
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await app.close();
  await proxy.close();
  await upstream.close();
  publisher.redis.disconnect();
  await place.clear();
  await directory.remove();
});

const status = async (): Promise<number> => (await fetch(`${url}/v1/proxy/odds/x`, { headers: { 'paddock-client-key': 'pk_shop' } })).status;

test('a published upstream is served, one that cannot be used changes nothing, a removed one is gone', async () => {
  const body = { baseUrl: upstream.url, windowMs: 600_000, silenceMs: 1_200_000, allow: ['/**'] };
  const edit = { kind: 'proxy-upstream', site: '*', key: 'odds' };
  await publisher.publish([{ ...edit, body }]);
  await until(async () => (await status()) === 200);
  await publisher.publish([{ ...edit, body: { ...body, credential: { header: 'X-Key', variable: 'PROXY_SECRET_MISSING' } } }]);
  await until(async () => {
    const { proxy: told } = await health.readiness();
    return JSON.stringify(told).includes('PROXY_SECRET_MISSING is not set');
  });
  expect(await status()).toBe(200);
  await publisher.publish([edit]);
  await until(async () => (await status()) === 404);
});
