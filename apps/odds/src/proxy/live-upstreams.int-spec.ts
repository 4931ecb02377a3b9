import { afterEach, beforeEach, expect, test } from 'vitest';
import { fastify, type FastifyInstance } from 'fastify';
import type { Receipt } from '@paddock/contracts';
import { createLogger, createMetrics, Health } from '@paddock/runtime';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import { clientKey, redisPrefix, type RedisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { readSettings } from '../settings.js';
import { type FakeUpstream, startFakeUpstream } from '../testing/fake-upstream.js';
import { RunningProxy } from './start-proxy.js';

let place: RedisPrefix;
let directory: { path: string; remove(): Promise<void> };
let publisher: TestPublisher;
let upstream: FakeUpstream;
let app: FastifyInstance;
/** One secret for a host that is not the upstream's. */
const SECRETS = { PROXY_SECRET_PARTY: 'hunter2', PROXY_SECRET_PARTY_HOSTS: 'api.example.com, *.example.org' };

let proxy: RunningProxy;
let url: string;
const health = new Health();

beforeEach(async () => {
  place = redisPrefix();
  [directory, upstream] = await Promise.all([temporaryDirectory(), startFakeUpstream()]);
  publisher = new TestPublisher(place.url, place.prefix);
  await publisher.settings({ clientKeys: [clientKey('pk_shop', { scopes: ['proxy'] })] });
  const settings = readSettings({
    DATABASE_URL: 'mysql://unused',
    REDIS_URL: place.url.href,
    REDIS_PREFIX: place.prefix,
    ODDS_STATE_DIR: directory.path,
    ODDS_POLL_MS: '100',
    PROXY_ALLOW_PRIVATE: 'true',
    ...SECRETS,
  });
  proxy = await RunningProxy.start(settings, {
    logger: createLogger('odds', 'silent'),
    metrics: createMetrics('odds'),
    health,
  });
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

const status = async (): Promise<number> =>
  (await fetch(`${url}/v1/proxy/odds/x`, { headers: { 'paddock-client-key': 'pk_shop' } })).status;

test('a published upstream is served, one that cannot be used changes nothing, a removed one is gone', async () => {
  const body = { baseUrl: upstream.url, windowMs: 600_000, silenceMs: 1_200_000, allow: ['/**'] };
  const edit = { kind: 'proxy-upstream', site: '*', key: 'odds' };
  await publisher.publish([{ ...edit, body }]);
  await until(async () => (await status()) === 200);
  await publisher.publish([
    { ...edit, body: { ...body, credential: { header: 'X-Key', variable: 'PROXY_SECRET_MISSING' } } },
  ]);
  await until(async () => {
    const { proxy: readiness } = await health.readiness();
    return JSON.stringify(readiness).includes('PROXY_SECRET_MISSING is not set');
  });
  expect(await status()).toBe(200);
  await publisher.publish([edit]);
  await until(async () => (await status()) === 404);
});

/** The receipts that the control plane would get from now on. */
function listen() {
  const said: Receipt[] = [];
  const receipts = implementTask(receiptTask, ({ payload: receipt }) => Promise.resolve(void said.push(receipt)));
  const heartbeats = implementTask(heartbeatTask, () => Promise.resolve());
  const worker = startWorker(RECEIPTS_QUEUE, [receipts, heartbeats], {
    connection: workerConnection(place.url),
    prefix: place.prefix,
    concurrency: 1,
    onError: () => undefined,
  });
  return { said, worker };
}

test('an upstream that may not be asked is refused alone: its last good version is served, and no later release is held up', async () => {
  const { said, worker } = listen();
  try {
    const body = { baseUrl: upstream.url, windowMs: 600_000, silenceMs: 1_200_000, allow: ['/**'] };
    const edit = { kind: 'proxy-upstream', site: '*' };
    await publisher.publish([{ ...edit, key: 'odds', body }]);
    await until(async () => (await status()) === 200);
    await publisher.publish([
      { ...edit, key: 'odds', body: { ...body, baseUrl: 'https://169.254.169.254' } },
      { ...edit, key: 'six', body: { ...body, baseUrl: 'https://[2002:7f00:1::]' } },
      { ...edit, key: 'third', body },
    ]);
    const rejected = await until(() => said.find(({ seq }) => seq === 2));
    expect(rejected.state).toBe('REJECTED');
    expect(rejected.error).toMatch(
      /^proxy-upstream odds: baseUrl leads to a host that may not be asked: it is the address of a metadata service.*holds on\); proxy-upstream six: baseUrl/,
    );
    for (let release = 3; release <= 6; release += 1)
      await publisher.publish([{ ...edit, key: `more-${release}`, body }]);
    await until(() => said.some(({ seq }) => seq === 6));
    expect(said.filter(({ seq }) => seq > 2).map(({ state }) => state)).toEqual([
      'APPLIED',
      'APPLIED',
      'APPLIED',
      'APPLIED',
    ]);
    const served = ['odds', 'third', 'more-6', 'six'].map(
      async (key) => (await fetch(`${url}/v1/proxy/${key}/x`, { headers: { 'paddock-client-key': 'pk_shop' } })).status,
    );
    expect(await Promise.all(served)).toEqual([200, 200, 200, 404]);
  } finally {
    await worker.close();
  }
});

test('an upstream whose secret is for another host is left out, said, and holds up no other', async () => {
  const { said, worker } = listen();
  try {
    const body = { baseUrl: upstream.url, windowMs: 600_000, silenceMs: 1_200_000, allow: ['/**'] };
    const edit = { kind: 'proxy-upstream', site: '*' };
    await publisher.publish([
      { ...edit, key: 'thief', body: { ...body, credential: { header: 'X-Key', variable: 'PROXY_SECRET_PARTY' } } },
    ]);
    await publisher.publish([{ ...edit, key: 'odds', body }]);
    await until(async () => (await status()) === 200);
    const thief = await fetch(`${url}/v1/proxy/thief/x`, { headers: { 'paddock-client-key': 'pk_shop' } });
    expect(thief.status).toBe(404);
    const receipt = await until(() => said.find(({ seq }) => seq === publisher.seq));
    const reason = `applied without proxy-upstream thief: PROXY_SECRET_PARTY must not be sent to 127.0.0.1:${new URL(upstream.url).port}: PROXY_SECRET_PARTY_HOSTS does not list it`;
    expect(receipt).toMatchObject({ state: 'APPLIED', error: reason });
    const { proxy: readiness } = await health.readiness();
    expect(readiness).toMatchObject({ leftOut: reason });
    expect(upstream.asked.map(({ headers }) => headers['x-key'])).not.toContain('hunter2');
    await publisher.publish([{ ...edit, key: 'thief' }]);
    expect(await until(() => said.find(({ seq }) => seq === publisher.seq))).toMatchObject({ state: 'APPLIED' });
    expect(said.at(-1)?.error).toBeUndefined();
  } finally {
    await worker.close();
  }
});
