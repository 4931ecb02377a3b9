import { once } from 'node:events';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { counter, type Reader } from '@paddock/contracts';
import { createLogger, Registry, requestContext, withRequestContext } from '@paddock/runtime';
import { redisPrefix, until } from '@paddock/testing';
import { failFastConnection, workerConnection } from './connections.js';
import { defineTask, type TaskDefinition } from './define-task.js';
import { boundedText, object, optional } from './payload.js';
import { TaskProducer } from './producer.js';
import { ensureSchedule, removeSchedule } from './schedule.js';
import { TaskMetrics } from './task-metrics.js';
import { implementTask, type Run, startWorker } from './worker.js';

interface Letter {
  to: string;
  copies: number;
}

const letter: Reader<Letter> = object({ to: boundedText(20), copies: counter });
const QUEUE = 'letters';
const define = (more: Partial<TaskDefinition<Letter>> = {}) =>
  defineTask<Letter>({ queue: QUEUE, name: 'letter', payload: letter, backoffMs: 5, ...more });

let area: ReturnType<typeof redisPrefix>;
let connection: Redis;
let producer: TaskProducer;
let registry: Registry;
let lines: Record<string, unknown>[];
const workers: Worker[] = [];

beforeEach(async () => {
  area = redisPrefix();
  lines = [];
  registry = new Registry();
  connection = failFastConnection(area.url, () => undefined);
  producer = new TaskProducer(connection, area.prefix, () => undefined);
  await until(() => connection.status === 'ready');
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await producer.close();
});

function work(task: ReturnType<typeof define>, run: (run: Run<Letter>) => Promise<void>): Worker {
  const logger = createLogger('test', 'info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const worker = startWorker(QUEUE, [implementTask(task, run)], {
    ...{ connection: workerConnection(area.url), prefix: area.prefix, concurrency: 4, logger },
    ...{ onError: () => undefined, metrics: new TaskMetrics(registry) },
  });
  workers.push(worker);
  return worker;
}

const failed = () => producer.queue(QUEUE).getFailed();
async function runs(): Promise<Record<string, number>> {
  const metric = await registry.getSingleMetric('paddock_task_runs_total')?.get();
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels: { task, result }, value }) => [`${task} ${result}`, value]),
  );
}

describe('a task', () => {
  test('is run in the request that added it, with a logger that names job and attempt, until it succeeds', async () => {
    const seen: object[] = [];
    work(define(), async ({ payload, job, logger }) => {
      logger.info('a letter');
      seen.push({ payload, attempt: job.attempt, requestId: requestContext()?.requestId });
      if (job.attempt < 3) throw new Error('the post office is closed');
    });
    await withRequestContext({ requestId: 'request-1' }, () =>
      producer.add(define(), { to: 'Ada', copies: 2 }, { jobId: 'ada' }),
    );
    await until(() => seen.length === 3);
    const payload = { to: 'Ada', copies: 2 };
    expect(seen).toEqual([1, 2, 3].map((attempt) => ({ payload, attempt, requestId: 'request-1' })));
    expect(lines).toMatchObject(
      [1, 2, 3].map((attempt) => ({ queue: QUEUE, job: 'ada', task: 'letter', attempt, requestId: 'request-1' })),
    );
    await until(async () => JSON.stringify(await runs()) === '{"letter failed":2,"letter completed":1}');
  });

  test('that was added before there were envelopes is run all the same, in its request', async () => {
    const seen: object[] = [];
    work(define(), ({ payload }) => Promise.resolve(void seen.push({ payload, ...requestContext() })));
    await producer.queue(QUEUE).add('letter', { to: 'Ada', copies: 1, requestId: 'request-0', traceparent: null });
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ payload: { to: 'Ada', copies: 1 }, requestId: 'request-0' }]);
  });

  test('that is older than envelopes is readable by workers that know none', async () => {
    const payload = { to: 'Ada', copies: 1 };
    await producer.add(define({ alsoBare: true }), payload, { origin: { requestId: 'request-1' } });
    await producer.add(define(), payload, { origin: { requestId: 'request-1' } });
    const jobs = await producer.queue(QUEUE).getWaiting();
    const envelope = { v: 1, requestId: 'request-1', payload };
    expect(jobs.map(({ data }): unknown => data)).toEqual(
      expect.arrayContaining([{ ...payload, ...envelope }, envelope]),
    );
    const seen: object[] = [];
    work(define(), (run) => Promise.resolve(void seen.push(run.payload)));
    await until(() => seen.length === 2);
    expect(seen).toEqual([payload, payload]);
  });

  test('whose payload is wrong is refused at once, with every mistake, and is never run', async () => {
    let ran = 0;
    work(define(), () => Promise.resolve(void (ran += 1)));
    await producer.queue(QUEUE).add('letter', { v: 1, payload: { to: '', copies: -1 } }, { attempts: 5 });
    await producer.queue(QUEUE).add('letter', { v: 2, payload: { to: 'Ada', copies: 1 } }, { attempts: 5 });
    await producer.queue(QUEUE).add('parcel', { v: 1, payload: {} }, { attempts: 5 });
    await until(async () => (await failed()).length === 3);
    const jobs = await failed();
    expect(jobs.map(({ attemptsMade, failedReason }) => [attemptsMade, failedReason]).sort()).toEqual([
      [1, 'queue letters has no task parcel'],
      [1, 'task letter: to must be a text of 1 to 20 characters; copies must be a whole number'],
      [1, 'task letter: v must be 1: this version reads no other envelope'],
    ]);
    expect(ran).toBe(0);
    expect(await runs()).toEqual({ 'letter refused': 2, 'unknown refused': 1 });
    await expect(producer.add(define(), { to: 'x'.repeat(21), copies: 0.5 })).rejects.toThrow('to must be');
  });

  test('that takes too long is aborted and tried again', async () => {
    const reasons: unknown[] = [];
    const task = define({ attempts: 2, timeoutMs: 50 });
    work(task, ({ signal }) => new Promise(() => signal.addEventListener('abort', () => reasons.push(signal.reason))));
    await producer.add(task, { to: 'Ada', copies: 1 });
    await until(async () => (await failed()).length === 1);
    expect((await failed())[0]).toMatchObject({ attemptsMade: 2, failedReason: 'took longer than 50 ms' });
    expect(reasons.map(String)).toEqual(['Error: took longer than 50 ms', 'Error: took longer than 50 ms']);
    expect(await runs()).toEqual({ 'letter timed_out': 2 });
  });

  test('hears that its worker closes, and is finished by another worker', async () => {
    const begun = Promise.withResolvers<undefined>();
    const first = work(define(), async ({ signal }) => {
      begun.resolve(undefined);
      await once(signal, 'abort');
      signal.throwIfAborted();
    });
    await producer.add(define(), { to: 'Ada', copies: 1 });
    await begun.promise;
    await first.close();
    registry = new Registry();
    const attempts: number[] = [];
    work(define(), ({ job }) => Promise.resolve(void attempts.push(job.attempt)));
    await until(() => attempts.length === 1);
    expect(attempts).toEqual([2]);
  });

  test('keeps as many failed jobs as it says', async () => {
    const task = define({ attempts: 1, keepFailed: { seconds: 3_600, count: 2 } });
    work(task, () => Promise.reject(new Error('lost')));
    await producer.addAll(
      task,
      ['Ada', 'Bea', 'Cleo', 'Dora'].map((to) => ({ payload: { to, copies: 1 } })),
    );
    await until(async () => JSON.stringify(await runs()) === '{"letter failed":4}');
    await until(async () => (await failed()).length === 2);
  });

  test('that is transient is tried once and leaves nothing', async () => {
    const task = define({ transient: true });
    work(task, () => Promise.reject(new Error('lost')));
    await producer.add(task, { to: 'Ada', copies: 1 });
    await until(async () => JSON.stringify(await runs()) === '{"letter failed":1}');
    await until(async () => (await producer.queue(QUEUE).getJobCountByTypes('failed', 'active', 'delayed')) === 0);
  });
});

describe('a schedule', () => {
  const task = define();
  const schedule = { id: 'every-letter', task, payload: { to: 'Ada', copies: 1 }, everyMs: 100 };

  test('is shared: several workers ask for each run, and one of them gets it', async () => {
    const ran: string[] = [];
    const run = (worker: string) => {
      const logger = createLogger('test', 'silent');
      workers.push(
        startWorker(QUEUE, [implementTask(task, ({ job }) => Promise.resolve(void ran.push(`${worker} ${job.id}`)))], {
          ...{ connection: workerConnection(area.url), prefix: area.prefix, concurrency: 1, logger },
          onError: () => undefined,
        }),
      );
    };
    run('one');
    run('other');
    await Promise.all([ensureSchedule(producer, schedule), ensureSchedule(producer, schedule)]);
    await until(() => ran.length >= 5);
    for (let again = 0; again < 5; again += 1) await ensureSchedule(producer, schedule);
    expect(await producer.queue(QUEUE).getJobSchedulersCount()).toBe(1);
    const ids = ran.map((line) => line.split(' ')[1]);
    expect(new Set(ids).size).toBe(ids.length);
    await removeSchedule(producer, QUEUE, schedule.id);
    expect(await producer.queue(QUEUE).getJobSchedulersCount()).toBe(0);
  });

  test('is there again after Redis lost everything, and follows a new interval', async () => {
    await ensureSchedule(producer, { ...schedule, everyMs: 60_000 });
    await ensureSchedule(producer, { ...schedule, everyMs: 30_000 });
    expect(await producer.queue(QUEUE).getJobScheduler(schedule.id)).toMatchObject({ every: 30_000, name: 'letter' });
    await connection.del(await connection.keys(`${area.prefix}*`));
    expect(await producer.queue(QUEUE).getJobSchedulersCount()).toBe(0);
    await ensureSchedule(producer, { ...schedule, everyMs: 30_000 });
    expect(await producer.queue(QUEUE).getJobSchedulersCount()).toBe(1);
    const ran = Promise.withResolvers<Letter>();
    work(task, ({ payload }) => Promise.resolve(ran.resolve(payload)));
    expect(await ran.promise).toEqual(schedule.payload);
  });
});

test('the type of a payload follows from its description', () => {
  const described = defineTask({
    queue: QUEUE,
    name: 'typed',
    payload: object({ id: boundedText(5), note: optional(boundedText(5)) }),
  });
  const { id, note }: { id: string; note?: string } = described.parse({ id: 'a', other: 1 });
  expect([id, note]).toEqual(['a', undefined]);
  expect(() => described.parse('text')).toThrow('typed must be an object');
});
