import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { startPrivateMariaDb, startPrivateRedis } from '@paddock/testing';

describe('a private MariaDB', () => {
  let own: Awaited<ReturnType<typeof startPrivateMariaDb>>;
  beforeAll(async () => {
    own = await startPrivateMariaDb('sample');
  });
  afterAll(() => own.dispose());

  test('keeps what it acknowledged when it is killed', async () => {
    const before = await createConnection(own.server.url);
    before.on('error', () => undefined);
    await before.query('CREATE TABLE kept (n INT)');
    await before.query('INSERT INTO kept VALUES (42)');
    await own.server.kill9();
    await own.server.start();
    const after = await createConnection(own.server.url);
    const [rows] = await after.query('SELECT n FROM kept');
    await after.end();
    expect(rows).toEqual([{ n: 42 }]);
  });

  test('refuses clients without the password, and its account in other databases', async () => {
    const url = new URL(own.server.url);
    for (const username of ['root', 'paddock']) {
      await expect(createConnection({ host: '127.0.0.1', port: Number(url.port), user: username })).rejects.toThrow(
        'Access denied',
      );
    }
    const connection = await createConnection(own.server.url);
    await expect(connection.query('SELECT * FROM mysql.user')).rejects.toThrow('denied');
    await connection.end();
  });

  test('stops cleanly', async () => {
    expect(await own.server.stop(60_000)).toEqual({ code: 0, signal: null });
    await own.server.start();
  });
});

describe('a private Redis', () => {
  let own: Awaited<ReturnType<typeof startPrivateRedis>>;
  let redis: Redis;
  beforeAll(async () => {
    own = await startPrivateRedis();
    redis = new Redis(own.server.url, { retryStrategy: () => 50 });
    redis.on('error', () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await own.dispose();
  });

  test('keeps its keys over a clean restart, never evicts, loses all when flushed', async () => {
    await redis.set('kept', 'yes');
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await own.server.stop();
    await own.server.start();
    expect(await redis.get('kept')).toBe('yes');
    await own.server.flush();
    expect(await redis.get('kept')).toBeNull();
  });

  test('refuses clients without the password', async () => {
    const stranger = new Redis({
      port: Number(new URL(own.server.url).port),
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    stranger.on('error', () => undefined);
    await expect(stranger.get('kept')).rejects.toThrow('NOAUTH');
    stranger.disconnect();
  });
});
