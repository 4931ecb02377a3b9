import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startPrivateRedis, until } from '@paddock/testing';
import { EMPTY_STATE } from '@paddock/contracts';
import { type Envelope, heartbeatTask, RECEIPTS_QUEUE, TaskProducer } from '@paddock/tasks';
import { HEALTH, type Health, METRICS, type Registry } from '../process.js';
import { Deliveries } from './deliveries.js';
import { DELIVERIES_QUEUE, deliveryTask } from './delivery-task.js';
import { QueueWorkers } from './queue-workers.js';
import { Relay } from './relay.js';
import { Sweeper } from './sweeper.js';
import { type PublishingWorld, publishingWorld } from './testing/publishing-world.js';

let world: PublishingWorld;
let disposeServer: (() => Promise<void>) | undefined;
afterEach(async () => {
  await world.close();
  await disposeServer?.();
  disposeServer = undefined;
});

interface Row {
  enqueued: number;
  delivered: number;
}

function rows(): Promise<Row[]> {
  return world.query<Row>(
    'SELECT enqueued_at IS NOT NULL AS enqueued, delivered_at IS NOT NULL AS delivered FROM outbox ORDER BY id',
  );
}

async function waitingJobs(): Promise<Envelope[]> {
  const jobs = await world.module
    .get(TaskProducer, { strict: false })
    .queue(DELIVERIES_QUEUE)
    .getJobs(['waiting', 'delayed']);
  return jobs.map((job) => job.data);
}

async function enqueuedLongAgo(): Promise<void> {
  await world.query('UPDATE outbox SET enqueued_at = enqueued_at - INTERVAL 11 SECOND WHERE delivered_at IS NULL');
}

describe('the relay', () => {
  beforeEach(async () => {
    world = await publishingWorld();
  });

  test('a wake-up enqueues what was committed, and only that', async () => {
    await world.history.land({ summer: 'Summer' });
    expect(await waitingJobs()).toEqual([]);
    world.wake();
    await until(async () => (await rows()).every(({ enqueued }) => enqueued));
    expect(await waitingJobs()).toEqual([
      {
        v: 1,
        requestId: expect.stringMatching(/./),
        payload: { environment: 'production', topic: 'release', version: 1, target: 'artefacts' },
        // A worker of a version without envelopes reads these.
        ...{ environment: 'production', topic: 'release', version: 1, target: 'artefacts' },
      },
    ]);
  });

  test('two relays at once make one job', async () => {
    const relays = [world.module.get(Relay, { strict: false }), (await world.another()).get(Relay, { strict: false })];
    for (const text of ['one', 'two', 'three']) await world.history.land({ summer: text });
    await Promise.all(relays.map((relay) => relay.relayNew()));
    expect((await waitingJobs()).map(({ payload }) => deliveryTask.parse(payload).version).sort()).toEqual([1, 2, 3]);
    await enqueuedLongAgo();
    await Promise.all(relays.map((relay) => relay.relayOverdue()));
    // Only the newest again: it brings everything.
    expect((await waitingJobs()).map(({ payload }) => deliveryTask.parse(payload).version).sort()).toEqual([
      1, 2, 3, 3,
    ]);
  });

  test('redis-flushed-between-commit-and-delivery: what was enqueued is enqueued again', async () => {
    const sweeper = world.module.get(Sweeper);
    await world.history.land({ summer: 'Summer' });
    await sweeper.sweep();
    const keys = await world.redis.keys(`${world.env['REDIS_PREFIX']}*`);
    await world.redis.del(keys);
    await sweeper.sweep();
    expect(await waitingJobs()).toEqual([]);
    await enqueuedLongAgo();
    await sweeper.sweep();
    expect((await waitingJobs()).map(({ payload }) => deliveryTask.parse(payload).version)).toEqual([1]);
  });

  test('the age of waiting rows is known', async () => {
    await world.history.land({ summer: 'Summer' });
    await world.query('UPDATE outbox SET created_at = created_at - INTERVAL 1 MINUTE');
    const sweeper = world.module.get(Sweeper);
    await sweeper.sweep();
    expect(await world.metric('paddock_outbox_oldest_pending_seconds')).toBeGreaterThanOrEqual(60);
    await world.module.get(Deliveries).deliver({
      environment: 'production',
      topic: 'release',
      version: 1,
      target: 'artefacts',
    });
    await sweeper.sweep();
    expect(await world.metric('paddock_outbox_oldest_pending_seconds')).toBe(0);
  });

  test('delivered rows are forgotten after a week', async () => {
    await world.history.land({ summer: 'one' });
    await world.history.land({ summer: 'two' });
    await world.query('UPDATE outbox SET delivered_at = UTC_TIMESTAMP(3) - INTERVAL 8 DAY WHERE version = 1');
    await world.query('UPDATE outbox SET delivered_at = UTC_TIMESTAMP(3) - INTERVAL 6 DAY WHERE version = 2');
    await world.module.get(Sweeper).prune();
    expect(await world.query('SELECT version FROM outbox')).toEqual([{ version: '2' }]);
  });
});

describe('relay and workers', () => {
  test('jobs that failed for good are counted; a failed heartbeat is not counted, and the next one is accepted', async () => {
    world = await publishingWorld({ workers: true });
    const producer = world.module.get(TaskProducer, { strict: false });
    await producer.queue(DELIVERIES_QUEUE).add('no such task', {});
    await producer.queue(RECEIPTS_QUEUE).add('receipt', { garbage: true });
    await producer
      .queue(RECEIPTS_QUEUE)
      .add('heartbeat', { garbage: true }, { jobId: 'heartbeat-edge-1-1', removeOnFail: true, attempts: 1 });
    const queues = world.module.get(QueueWorkers);
    await until(async () => {
      await queues.countJobs();
      const metrics: Registry = world.module.get(METRICS, { strict: false });
      const counted = (await metrics.getSingleMetric('paddock_dead_letters')?.get())?.values.map(
        ({ labels, value }) => [labels.queue, value],
      );
      return (
        JSON.stringify(counted) ===
        JSON.stringify([
          ['deliveries', 1],
          ['receipts', 1],
        ])
      );
    });
    const health: Health = world.module.get(HEALTH, { strict: false });
    expect((await health.readiness()).checks['queues']).toMatchObject({ deadLetters: { deliveries: 1, receipts: 1 } });
    const environments = [{ environment: 'production', seq: 0, stateHash: EMPTY_STATE }];
    await producer.add(
      heartbeatTask,
      { consumer: 'edge', instance: 'edge-1', leaseMs: 15_000, startedAt: new Date().toISOString(), environments },
      { jobId: 'heartbeat-edge-1-1' },
    );
    await until(async () => (await world.query('SELECT 1 FROM consumer_instance')).length === 1);
  });

  test('failed-job-blocks-its-id: a delivery whose job failed for good is delivered all the same', async () => {
    world = await publishingWorld({ workers: true });
    const producer = world.module.get(TaskProducer, { strict: false });
    await world.history.land({ summer: 'Summer' });
    // A job under the id that the relay will choose, which fails for good: it stays, and BullMQ ignores the id from now on.
    await producer.queue(DELIVERIES_QUEUE).add('no such task', {}, { jobId: 'production-release-1-artefacts' });
    await until(async () => (await producer.queue(DELIVERIES_QUEUE).getFailedCount()) === 1);
    const sweeper = world.module.get(Sweeper);
    await sweeper.sweep();
    expect(await rows()).toEqual([{ enqueued: 1, delivered: 0 }]);
    await enqueuedLongAgo();
    await sweeper.sweep();
    await until(async () => (await rows()).every(({ delivered }) => delivered));
    expect(await world.whole()).toBe(true);
  });

  test('redis-down-15-s: landings continue, nothing is lost, and it is delivered when Redis is back', async () => {
    const redis = await startPrivateRedis();
    disposeServer = redis.dispose;
    world = await publishingWorld({ workers: true, redisUrl: new URL(redis.server.url) });
    const sweeper = world.module.get(Sweeper);
    await world.history.land({ summer: 'before' });
    world.wake();
    await until(() => world.whole());
    await redis.server.kill9();
    const downSince = performance.now();
    while (performance.now() - downSince < 15_000) {
      await world.history.land({ summer: `during ${performance.now()}` });
      world.wake();
      const began = performance.now();
      await expect(sweeper.sweep()).rejects.toThrow();
      // Fails at once instead of waiting for Redis: a sweep that hangs would hang the worker.
      expect(performance.now() - began).toBeLessThan(2_500);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await redis.server.start();
    const backSince = performance.now();
    await until(
      async () => {
        await sweeper.sweep();
        return world.whole();
      },
      { timeoutMs: 20_000 },
    );
    expect(performance.now() - backSince).toBeLessThan(10_000);
    await until(async () => (await rows()).every(({ delivered }) => delivered));
  });
});
