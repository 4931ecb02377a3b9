import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisPrefix } from '#testing';
import { subscriberConnection } from './connections.js';

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
