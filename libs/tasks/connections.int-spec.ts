import { afterAll, beforeAll, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { freePort } from '@paddock/processes';
import { redisPrefix, startPrivateRedis, until } from '@paddock/testing';
import { failFastConnection, subscriberConnection } from './connections.js';

const place = redisPrefix();
let redis: Redis;

beforeAll(() => {
  redis = new Redis(place.url.href);
});
afterAll(() => {
  redis.disconnect();
});

test('a subscription holds, at whatever moment of connecting it was asked for', async () => {
  const lost: string[] = [];
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const channel = `${place.prefix}:${attempt}`;
    const connection = subscriberConnection(place.url, () => undefined);
    const askAt = performance.now() + (attempt % 20) / 5;
    while (performance.now() < askAt) await new Promise((resolve) => setImmediate(resolve));
    const asked = connection.status;
    await connection.subscribe(channel);
    // Answered after whatever the connection asked before.
    await connection.ping();
    const [, listeners] = await redis.pubsub('NUMSUB', channel);
    if (Number(listeners) !== 1) lost.push(`${channel} asked for while ${asked}`);
    connection.disconnect();
  }
  expect(lost).toEqual([]);
});

test('a command that is given before the connection is there waits for it: a start is no outage', async () => {
  const connection = failFastConnection(place.url, () => undefined);
  expect(connection.status).not.toBe('ready');
  expect(await connection.ping()).toBe('PONG');
  connection.disconnect();
});

test('where nothing listens, the first command fails as soon as that is known, and the next ones at once', async () => {
  const connection = failFastConnection(new URL(`redis://127.0.0.1:${await freePort()}`), () => undefined);
  const begun = performance.now();
  await expect(connection.ping()).rejects.toThrow();
  await expect(connection.ping()).rejects.toThrow();
  expect(performance.now() - begun).toBeLessThan(1_500);
  connection.disconnect();
});

test('in an outage commands fail at once, and work again after it', async () => {
  const own = await startPrivateRedis();
  try {
    const connection = failFastConnection(new URL(own.server.url), () => undefined);
    expect(await connection.ping()).toBe('PONG');
    await own.server.kill9();
    await until(() => connection.status !== 'ready', { timeoutMs: 10_000, what: 'the end of the connection' });
    const begun = performance.now();
    await expect(connection.ping()).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(500);
    await own.server.start();
    await until(
      () =>
        connection.ping().then(
          (answer) => answer === 'PONG',
          () => false,
        ),
      {
        timeoutMs: 20_000,
        what: 'the connection after the outage',
      },
    );
    connection.disconnect();
  } finally {
    await own.dispose();
  }
});
