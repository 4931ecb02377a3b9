import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '@paddock/testing';
import { REDIS_USERS, type RedisUser } from './redis-users.js';

const FORBIDDEN: [command: string, ...args: string[]][] = [
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['KEYS', '*'],
  ['CONFIG', 'GET', '*'],
  ['DEBUG', 'SLEEP', '0'],
  ['SHUTDOWN', 'NOSAVE'],
  ['ACL', 'LIST'],
  ['MODULE', 'LIST'],
  ['REPLICAOF', 'NO', 'ONE'],
  ['MONITOR'],
  ['CLIENT', 'LIST'],
  ['SCRIPT', 'FLUSH'],
  ['FUNCTION', 'LIST'],
  ['SWAPDB', '0', '1'],
  ['RANDOMKEY'],
  ['DBSIZE'],
  ['PUBSUB', 'CHANNELS'],
  ['SLOWLOG', 'GET'],
  ['CLUSTER', 'INFO'],
  ['SAVE'],
  ['MIGRATE', '127.0.0.1', '1', 'k', '0', '1'],
];

const BLOB = 'paddock:{production}:blob:aa';

let own: Awaited<ReturnType<typeof startPrivateRedis>>;
let administrator: Redis;
const clients = new Map<RedisUser, Redis>();

const as = (user: RedisUser): Redis => {
  let client = clients.get(user);
  if (!client) {
    client = new Redis(own.server.urlFor(user), { retryStrategy: () => 50 });
    client.on('error', () => undefined);
    clients.set(user, client);
  }
  return client;
};

beforeAll(async () => {
  own = await startPrivateRedis(undefined, { users: true });
  administrator = new Redis(own.server.url, { retryStrategy: () => 50 });
  administrator.on('error', () => undefined);
  await administrator.set(BLOB, 'body');
});
afterAll(async () => {
  for (const client of [administrator, ...clients.values()]) client.disconnect();
  await own.dispose();
});

test('a client without a user name is refused', async () => {
  const nameless = new Redis({
    port: Number(new URL(own.server.url).port),
    password: 'test',
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  nameless.on('error', () => undefined);
  await expect(nameless.get(BLOB)).rejects.toThrow(/WRONGPASS|NOAUTH/);
  nameless.disconnect();
});

describe.each(REDIS_USERS)('the user of %s', (user) => {
  test('may not empty, stop, inspect or reconfigure the server, nor look for keys of others', async () => {
    const answer = ([command, ...args]: [string, ...string[]]): Promise<string> =>
      as(user)
        .call(command, ...args)
        .then(
          () => `${command} is allowed`,
          (error: Error) => error.message,
        );
    const answers = await Promise.all(FORBIDDEN.map(answer));
    // DEBUG is refused to every user, before rights are checked.
    expect(answers.filter((answer) => !/^NOPERM|^ERR DEBUG command not allowed/.test(answer))).toEqual([]);
  });

  test('has no key of another installation, and none by way of a script', async () => {
    const foreign = 'other:{production}:head';
    await expect(as(user).hgetall(foreign)).rejects.toThrow('NOPERM');
    await expect(as(user).eval("return redis.call('HGETALL', ARGV[1])", 0, foreign)).rejects.toThrow(
      "can't access at least one of the keys",
    );
  });
});

test('what transactions and scripts wrote is there after a restart', async () => {
  const key = 'paddock:{production}:live';
  const script = "redis.call('HSET', KEYS[1], 'a', '1') return redis.call('HSET', KEYS[1], 'b', '2')";
  const writer = new Redis(own.server.urlFor('worker'));
  await writer.eval(script, 1, key);
  await writer.multi().hset(key, 'c', '3').hset(key, 'd', '4').exec();
  writer.disconnect();
  await own.server.stop();
  await own.server.start();
  const reader = new Redis(own.server.urlFor('worker'));
  expect(await reader.hgetall(key)).toEqual({ a: '1', b: '2', c: '3', d: '4' });
  reader.disconnect();
});

test('only the worker writes what is published, and only it looks through keys', async () => {
  await expect(as('worker').set(BLOB, 'body')).resolves.toBe('OK');
  await expect(as('worker').scan('0')).resolves.toBeDefined();
  for (const user of ['edge', 'analytics', 'odds'] as const) {
    await expect(as(user).get(BLOB)).resolves.toBe('body');
    await expect(as(user).set(BLOB, 'forged')).rejects.toThrow('NOPERM');
    await expect(as(user).publish('paddock:events', 'forged')).rejects.toThrow('NOPERM');
    await expect(as(user).scan('0')).rejects.toThrow('NOPERM');
  }
  await expect(as('controlPlane').set(BLOB, 'forged')).rejects.toThrow('NOPERM');
  await expect(as('cli').get(BLOB)).rejects.toThrow('NOPERM');
});

test('the edge reads markets and changes none; analytics has its own part of the log and no other', async () => {
  await expect(as('edge').hgetall('paddock:{odds}:books:0')).resolves.toEqual({});
  await expect(as('edge').hset('paddock:{odds}:books:0', 'm', '{}')).rejects.toThrow('NOPERM');
  await expect(as('edge').xadd('paddock:log:{odds.markets}:0', '*', 'f', '0')).rejects.toThrow('NOPERM');
  await expect(as('analytics').xadd('paddock:log::log:{analytics-events}:0', '*', 'f', '0')).resolves.toBeDefined();
  await expect(as('analytics').xrange('paddock:log:{odds.markets}:0', '-', '+')).rejects.toThrow('NOPERM');
  await expect(as('odds').xrange('paddock:log::log:{analytics-events}:0', '-', '+')).rejects.toThrow('NOPERM');
});
