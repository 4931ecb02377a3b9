import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { artefactKeys } from '@paddock/contracts';
import { startPrivateRedis, until } from '@paddock/testing';
import type { PrivateRedis } from '@paddock/processes';
import { readiness } from '../../installation.js';
import type { FaultRow, Site } from '../hazard-row.js';

const OUTAGES_S = [2, 15, 60, 120];
/** Everything published is back by itself within this time. */
const REBUILT_MS = 30_000;
const FULL_MS = 15_000;

export const REDIS: readonly FaultRow[] = [
  ...OUTAGES_S.map((seconds): FaultRow => ({
    name: `redis-killed-${seconds}s`,
    fault: `kill -9 of Redis, started again with its data ${seconds} s later`,
    expected: 'edges serve throughout; what was published meanwhile arrives within 10 s',
    boundMs: 10_000,
    async inject({ installation: { parts } }) {
      await parts.redis.kill9();
      await delay(seconds * 1_000);
    },
  })),
  {
    name: 'redis-flushed',
    fault: 'FLUSHALL',
    expected: 'rebuilt from MySQL within 30 s',
    boundMs: REBUILT_MS,
    inject: ({ installation: { parts } }) => parts.redis.flush(),
    heal: rebuilt,
  },
  {
    name: 'redis-started-empty',
    fault: 'kill -9 of Redis, started again without data',
    expected: 'rebuilt from MySQL within 30 s',
    boundMs: REBUILT_MS,
    async inject({ installation: { parts } }) {
      await parts.redis.flush();
      await parts.redis.kill9();
    },
    async heal(site) {
      await site.installation.parts.redis.start();
      await rebuilt(site);
    },
  },
  {
    name: 'redis-failover',
    fault: 'kill -9 of the primary while its replica lags, REPLICAOF NO ONE, every app led to the replica',
    expected: 'acknowledged publishes that the replica never saw appear from the outbox',
    boundMs: REBUILT_MS,
    inject: (site, random) => failover(site, random.integer(0, 2_000)),
  },
  {
    name: 'redis-full',
    fault: 'maxmemory lowered to what is used, for 15 s (noeviction)',
    expected: 'publishes are acknowledged, edges serve, the worker says that it is not ready',
    boundMs: 10_000,
    async inject({ installation, publisher }) {
      await withRedis(installation.parts.redis, (redis) => redis.config('SET', 'maxmemory', '1mb'));
      const settled = publisher.attempts.length;
      const { worker } = installation.parts;
      await until(async () => !(await fetch(`${worker.url}/readyz`)).ok, {
        timeoutMs: FULL_MS + 15_000,
        what: 'a worker that says it is not ready',
      });
      await until(() => publisher.attempts.length > settled + 1, { timeoutMs: FULL_MS, what: 'publishes meanwhile' });
      for (const edge of installation.parts.edges) {
        if (!(await readiness(edge)).ready) throw new Error('an edge is not ready while Redis is full');
      }
    },
    async heal({ installation: { parts } }) {
      await withRedis(parts.redis, (redis) => redis.config('SET', 'maxmemory', '0'));
    },
  },
];

/** Waits until Redis has the heads of all environments again. */
async function rebuilt({ installation }: Site): Promise<void> {
  const standings = await installation.standings();
  await withRedis(installation.parts.redis, (redis) =>
    until(
      async () => {
        const heads = await Promise.all(standings.map(({ name }) => redis.exists(artefactKeys('paddock', name).head)));
        return heads.every((exists) => exists === 1);
      },
      { timeoutMs: REBUILT_MS, what: 'artefacts in Redis' },
    ),
  );
}

/** Kills the primary while its replica is some milliseconds behind, and leads every app to the replica, which is the primary from then on. */
async function failover({ installation }: Site, lagMs: number): Promise<void> {
  const primary = installation.parts.redis;
  const { server: replica, dispose } = await startPrivateRedis();
  installation.endWith(dispose);
  await withRedis(replica, async (redis) => {
    await redis.config('SET', 'masterauth', new URL(primary.url).password);
    await redis.replicaof('127.0.0.1', Number(new URL(primary.url).port));
    await until(async () => (await redis.info('replication')).includes('master_link_status:up'), {
      what: 'a replica that follows',
    });
  });
  replica.pause();
  await delay(lagMs);
  await primary.kill9();
  replica.resume();
  await withRedis(replica, (redis) => redis.replicaof('NO', 'ONE'));
  installation.parts.redis = replica;
  for (const { redis } of installation.parts.networks.values()) redis.retarget(Number(new URL(replica.url).port));
}

async function withRedis<T>(server: PrivateRedis, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url, { maxRetriesPerRequest: 3 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
