import { afterAll, beforeAll, expect, test } from 'vitest';
import request from 'supertest';
import { TcpProxy, testServers, until } from '@paddock/testing';
import { Database } from './database.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

/** What an operator's alarm and a client's patience are set by. */
const ANSWERED_MS = 2_000;
const QUERY = '{ documents(first: 20) { nodes { id key draft { lockVersion } } } }';

let network: TcpProxy;
let world: World;
let viewer: SignedInClient;

beforeAll(async () => {
  const server = new URL(testServers().databaseUrl);
  network = await TcpProxy.to(Number(server.port));
  server.port = String(network.port);
  world = await testWorld({ DATABASE_POOL_SIZE: '2' }, server);
  viewer = await world.signedIn('VIEWER');
});
afterAll(async () => {
  network.heal();
  await world.close();
  await network.close();
});

test('pool-exhausted: sixty queries at once over two slow connections are all answered, the others with when to come again', async () => {
  network.slow(300);
  const answers = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const began = performance.now();
      const { status, headers, errors } = await viewer.send(QUERY);
      return {
        status,
        ms: performance.now() - began,
        retry: headers['retry-after'],
        codes: errors.map(({ extensions }) => extensions.code),
      };
    }),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, ms, retry, codes } of refused) {
    expect({ status, retry, codes }).toEqual({ status: 503, retry: '1', codes: ['UNAVAILABLE'] });
    expect(ms).toBeLessThan(ANSWERED_MS + 500);
  }
  network.heal();
  await until(async () => (await viewer.send(QUERY)).status === 200, { what: 'an answer' });
});

test('pool-exhausted: readiness says so, and is back when connections are', async () => {
  const ofTheProcess = world.app.get(Database);
  const holders = [1, 2].map(() => ofTheProcess.tx((tx) => tx.query('SELECT SLEEP(4)')));
  const began = performance.now();
  const ready = await until(async () => {
    const answer = await request(world.operationsUrl).get('/readyz');
    return answer.status === 503 ? answer : undefined;
  });
  expect(performance.now() - began).toBeLessThan(ANSWERED_MS);
  expect(ready.body).toMatchObject({ checks: { database: { ok: false } } });
  await Promise.all(holders);
  expect((await request(world.url).get('/readyz')).status).toBe(200);
});
