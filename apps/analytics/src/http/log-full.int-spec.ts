import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import supertest from 'supertest';
import { sha256Hex } from '@paddock/contracts';
import { connectRedisEventLog } from '@paddock/eventlog';
import { startPrivateRedis, until } from '@paddock/testing';
import { ProducerKeys } from '../collector/producer-keys.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { createServer } from './create-server.js';

/** A sender that has to retry must get its answer within this time. */
const ANSWERED_MS = 2_000;

describe('while Redis is full', () => {
  let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
  let admin: Redis;
  let test: TestAnalytics;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    redis = await startPrivateRedis();
    admin = new Redis(redis.server.url);
    test = await testAnalytics({
      log: await connectRedisEventLog({ url: new URL(redis.server.url), prefix: 'test:', onError: () => undefined }),
    });
    await test.analytics.apply(definitions([contract('bet_placed', { user: 'string' })], {}));
    await test.analytics.start();
    app = await createServer(
      test.analytics,
      new ProducerKeys(new Map([[sha256Hex('secret'), 'web']]), false),
      pino({ level: 'silent' }),
    );
    await app.listen(0);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
    admin.disconnect();
    await redis.dispose();
  });

  const post = (id: string) =>
    supertest(app.getHttpServer())
      .post('/v1/events')
      .set('paddock-client-key', 'secret')
      .send([{ event: 'bet_placed', id, at: new Date().toISOString(), user: 'u' }]);
  const ready = async () => (await supertest(app.getHttpServer()).get('/readyz')).status;

  it('every sender gets 503 with Retry-After within two seconds, readiness says so, and both recover', async () => {
    expect((await post('before')).status).toBe(202);
    expect(await ready()).toBe(200);
    await admin.config('SET', 'maxmemory', '1');
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const began = performance.now();
        const { status, body, headers } = await post(`full-${number}`);
        return {
          status,
          code: body.code,
          retry: headers['retry-after'],
          inTime: performance.now() - began < ANSWERED_MS,
        };
      }),
    );
    expect(answers).toEqual(Array(20).fill({ status: 503, code: 'LOG_UNAVAILABLE', retry: '1', inTime: true }));
    expect(await ready()).toBe(503);
    await admin.config('SET', 'maxmemory', '0');
    await until(async () => (await post('after')).status === 202);
    expect(await ready()).toBe(200);
  });

  it('a log that does not answer is the same to a sender', async () => {
    await until(async () => (await post('again')).status === 202);
    redis.server.pause();
    try {
      const began = performance.now();
      expect((await post('silent')).status).toBe(503);
      expect(performance.now() - began).toBeLessThan(ANSWERED_MS);
    } finally {
      redis.server.resume();
    }
    await until(async () => (await post('resumed')).status === 202);
  });
});
