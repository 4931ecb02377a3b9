import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { RECEIPTS_QUEUE } from '@paddock/tasks';
import { type Random, until } from '@paddock/testing';
import { DELIVERIES_QUEUE } from '../../../../apps/control-plane/src/publishing/delivery-task.js';
import type { FaultRow, Site } from '../hazard-row.js';

const BOUND_MS = 10_000;

export const JOBS: readonly FaultRow[] = [
  {
    name: 'deliveries-repeated',
    fault: 'forty deliveries of the newest and of older releases, in any order, each twice',
    expected: 'the head stays where it is',
    boundMs: BOUND_MS,
    inject: (site, random) =>
      withQueue(site, DELIVERIES_QUEUE, async (deliveries) => {
        const head = await site.installation.headSeq();
        for (let round = 0; round < 20; round += 1) {
          const version = random.pick([head, Math.max(1, head - 1), random.integer(1, head)]);
          await deliveries.addBulk([delivery(version), delivery(version)]);
        }
      }),
  },
  {
    name: 'poison-jobs',
    fault:
      'jobs that can never succeed in both queues: no payload, wrong types, unknown names, seqs that no release has',
    expected: 'each is kept with its reason; the others flow',
    boundMs: BOUND_MS,
    judge: { poison: true },
    async inject(site, random) {
      for (const queue of [DELIVERIES_QUEUE, RECEIPTS_QUEUE])
        await withQueue(site, queue, (one) => poison(one, random));
    },
    async heal(site) {
      for (const queue of [DELIVERIES_QUEUE, RECEIPTS_QUEUE])
        await withQueue(site, queue, (one) => one.clean(0, 1_000, 'failed'));
    },
  },
];

const POISON: readonly [object, ...object[]] = [
  {},
  { environment: 7 },
  { environment: 'production', seq: -1 },
  { environment: '', version: 1 },
  { version: 'x' },
];

async function poison(queue: Queue, random: Random): Promise<void> {
  const known = new Set((await queue.getFailed()).map(({ id }) => id));
  const names = [queue.name === DELIVERIES_QUEUE ? 'deliver' : 'receipt', 'no such job'] as const;
  const jobs = Array.from({ length: 8 }, () => ({ name: random.pick(names), data: random.pick(POISON) }));
  await queue.addBulk(jobs.map((job) => ({ ...job, opts: { attempts: 3 } })));
  const failed = await until(
    async () => {
      const all = (await queue.getFailed()).filter(({ id }) => !known.has(id));
      return all.length >= jobs.length && all;
    },
    { timeoutMs: 30_000, what: `failed jobs in ${queue.name}` },
  );
  const unexplained = failed.filter(({ failedReason }) => !failedReason);
  if (failed.length !== jobs.length || unexplained.length > 0)
    throw new Error(`${queue.name}: ${failed.length} of ${jobs.length} failed, ${unexplained.length} without a reason`);
  await delay(random.integer(0, 500));
}

function delivery(version: number) {
  const data = {
    environment: 'production',
    target: 'artefacts',
    topic: 'release',
    version,
    requestId: randomUUID(),
    traceparent: null,
  };
  return { name: 'deliver', data };
}

async function withQueue(site: Site, name: string, work: (queue: Queue) => Promise<unknown>): Promise<void> {
  const connection = new Redis(site.installation.parts.redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue(name, { connection, prefix: 'paddock' });
  try {
    await work(queue);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
