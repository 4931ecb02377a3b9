import { expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { redisPrefix } from './redis-prefix.js';
import { createDatabase } from './throwaway-database.js';

test('a throw-away database is empty, of its own, and gone when dropped', async () => {
  const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
  expect(one.name).not.toBe(other.name);
  const connection = await createConnection(one.url.href);
  expect((await connection.query('SHOW TABLES'))[0]).toEqual([]);
  await connection.end();
  await Promise.all([one.drop(), other.drop()]);
  await expect(createConnection(one.url.href)).rejects.toThrow('Unknown database');
});

test('clearing a Redis prefix leaves the keys of others', async () => {
  const [mine, theirs] = [redisPrefix(), redisPrefix()];
  const redis = new Redis(mine.url.href);
  await redis.mset(`${mine.prefix}:a`, '1', `${mine.prefix}:b`, '1', `${theirs.prefix}:a`, '1');
  await mine.clear();
  expect(await redis.keys(`${mine.prefix}*`)).toEqual([]);
  expect(await redis.get(`${theirs.prefix}:a`)).toBe('1');
  await theirs.clear();
  redis.disconnect();
});
