import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fastify, type FastifyInstance } from 'fastify';
import { sha256Hex } from '@paddock/contracts';
import { createLogger } from '@paddock/runtime';
import { failFastConnection } from '@paddock/tasks';
import { redisPrefix, type RedisPrefix, startPrivateRedis, until } from '@paddock/testing';
import { announceLegacyRoutes, LegacyRoutes, readTraffic, TrafficCounters } from '@paddock/traffic';
import { ClientKeys } from '../http/client-keys.js';
import { serveTraffic } from './traffic-routes.js';

const KEY = { 'paddock-client-key': 'pk_ops' };
const LEGACY = {
  route: '/v1/odds/events/:id',
  version: 'v1',
  successor: '/v2/events/:id/markets',
  deprecatedAt: new Date('2026-01-01'),
  sunsetAt: new Date('2099-01-01'),
};

let place: RedisPrefix;
let redis: ReturnType<typeof failFastConnection>;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  place = redisPrefix();
  redis = failFastConnection(place.url, () => undefined);
  await until(() => redis.status === 'ready');
  const keys = new ClientKeys();
  keys.apply([
    { id: '1', consumer: 'ops', sha256: sha256Hex('pk_ops'), site: null, jurisdiction: null, scopes: ['traffic'] },
  ]);
  app = fastify({ forceCloseConnections: true });
  serveTraffic(app, { redis, prefix: place.prefix, keys, logger: createLogger('odds', 'silent') });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await app.close();
  redis.disconnect();
  await place.clear();
});

async function get(path: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`, { ...init, headers: KEY });
  const body: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, body };
}

describe('counts', () => {
  test('of several processes add up, by client, route, version and day; the board names who must still move', async () => {
    const [one, two] = [1, 2].map(() => new TrafficCounters(redis, place.prefix, () => undefined, 60_000));
    await announceLegacyRoutes(redis, place.prefix, new LegacyRoutes([LEGACY]));
    for (let n = 0; n < 50; n += 1) one?.count({ client: 'shop', route: LEGACY.route, version: 'v1' });
    for (let n = 0; n < 7; n += 1) two?.count({ client: 'shop', route: LEGACY.route, version: 'v1' });
    two?.count({ client: 'shop', route: '/v2/changes', version: 'v2' });
    await Promise.all([one?.close(), two?.close()]);
    const { body } = await get('/v1/traffic/counts?days=1');
    expect(body['counts']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ client: 'shop', route: LEGACY.route, version: 'v1', requests: 57 }),
        expect.objectContaining({ route: '/v2/changes', version: 'v2', requests: 1 }),
      ]),
    );
    const board = await get('/v1/traffic/migration');
    expect(board.body['clients']).toEqual([
      expect.objectContaining({
        client: 'shop',
        state: 'MIXED',
        legacyRequests: 57,
        currentRequests: 1,
        nextSunsetAt: '2099-01-01T00:00:00.000Z',
      }),
    ]);
  });

  test('that Redis cannot take wait, and are not lost', async () => {
    const { server, dispose } = await startPrivateRedis();
    const own = failFastConnection(new URL(server.url), () => undefined);
    await until(() => own.status === 'ready');
    const failures: unknown[] = [];
    const counters = new TrafficCounters(own, place.prefix, (error) => failures.push(error), 60_000);
    await server.kill9();
    counters.count({ client: 'shop', route: '/r', version: 'v1' });
    await counters.flush();
    expect(failures).toHaveLength(1);
    await server.start();
    await until(() => own.status === 'ready');
    counters.count({ client: 'shop', route: '/r', version: 'v1' });
    await counters.close();
    expect(await readTraffic(own, place.prefix, 1)).toEqual([
      expect.objectContaining({ client: 'shop', route: '/r', requests: 2 }),
    ]);
    own.disconnect();
    await dispose();
  });
});

describe('a log that is handed in', () => {
  const log = ['10.0.0.1', '10.0.0.2']
    .map((client) => `${client} - - [20/Nov/2026:12:00:01 +0000] "GET /odds?apiKey=sEcret HTTP/1.1" 200 100`)
    .join('\n');

  test.each([
    ['plain', Buffer.from(log)],
    ['packed', gzipSync(log)],
  ])('%s, tells who polls directly', async (_name, body) => {
    const { status, body: report } = await get('/v1/traffic/logs?origin=https://api.example.com&price=0.5', {
      method: 'POST',
      body,
    });
    expect(status).toBe(200);
    expect(report).toMatchObject({
      requests: 2,
      duplicate: { questions: 1, savedRequests: 1, savedBytes: 100, savedCost: 0.5 },
      questions: [{ url: 'https://api.example.com/odds' }],
    });
    expect(JSON.stringify(report)).not.toContain('sEcret');
  });

  test.each([
    [
      '/v1/traffic/logs?windowMs=5&price=x&origin=ftp://x&speed=1',
      400,
      'INVALID_PARAMETERS',
      ['speed', 'windowMs', 'price', 'origin'],
    ],
    ['/v1/traffic/logs?windowMs=1000&windowMs=2000', 400, 'INVALID_PARAMETERS', ['windowMs']],
  ])('%s is refused, with every mistake', async (path, status, code, fields) => {
    const answer = await get(path, { method: 'POST', body: log });
    expect(answer).toMatchObject({ status, body: { code, errors: fields.map((field) => ({ field })) } });
  });

  test('that is broken or missing is refused; days are bounded; a key is needed', async () => {
    const broken = gzipSync(log).subarray(0, 40);
    expect(await get('/v1/traffic/logs', { method: 'POST', body: broken })).toMatchObject({
      status: 400,
      body: { code: 'BROKEN_LOG' },
    });
    expect(await get('/v1/traffic/logs', { method: 'POST' })).toMatchObject({ status: 400, body: { code: 'EMPTY' } });
    expect(await get('/v1/traffic/counts?days=0')).toMatchObject({ status: 400, body: { code: 'INVALID_PARAMETERS' } });
    expect((await fetch(`${url}/v1/traffic/counts`)).status).toBe(401);
  });
});
