import { QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { artefactKeys, type Heartbeat, EMPTY_STATE, QUEUES } from '@paddock/contracts';
import { heartbeatTask, TaskProducer, workerConnection } from '@paddock/tasks';
import { redisPrefix, startApp, TcpProxy, type TestApp, testServers, until } from '@paddock/testing';
import { AuditEntryRow } from '../../audit/audit.entity.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import type { GraphqlClient, GraphqlResult } from '../../testing/graphql-client.js';
import { untilHeard, watch, type Watcher } from '../../testing/watcher.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';
import { ARTEFACT_REDIS } from '../redis.js';
import { deliveryTask } from '../delivery-task.js';

const JOB = '... on FailedJob { id name reason attempts payload addedAt failedAt } ... on Problem { code message }';
const COUNTS = 'name counts { waiting active delayed failed }';

interface ConsumerEvent {
  consumer: string;
  instance: string;
  alive: boolean;
  appliedSeq: number;
  inSync: boolean;
  host: string | null;
}

interface QueueEvent {
  name: string;
  counts: { waiting: number; active: number; delayed: number; failed: number } | null;
}

/** The control plane of a world, and a worker process that runs its jobs. */
describe('queues with a worker', () => {
  const prefix = redisPrefix();
  const watchers: Watcher<unknown>[] = [];
  let world: World;
  let worker: TestApp;
  let admin: SignedInClient;
  let producer: TaskProducer;
  let finished: QueueEvents;

  beforeAll(async () => {
    world = await testWorld({ REDIS_PREFIX: prefix.prefix });
    await world.seed().environment('production').environment('staging').site('acme-uk');
    worker = await startApp('worker', {
      DATABASE_URL: world.databaseUrlOf('worker'),
      REDIS_URL: testServers().redisUrl.href,
      REDIS_PREFIX: prefix.prefix,
    });
    admin = await world.signedIn('ADMIN');
    producer = world.app.get(TaskProducer, { strict: false });
    finished = new QueueEvents(QUEUES.deliveries, {
      connection: workerConnection(testServers().redisUrl),
      prefix: prefix.prefix,
    });
    await finished.waitUntilReady();
  });
  afterEach(async () => {
    for (const watcher of watchers.splice(0)) await watcher.dispose();
  });
  afterAll(async () => {
    await finished.close();
    await worker.dispose();
    await world.close();
    await prefix.clear();
  });

  function watching<Event>(client: SignedInClient, subscription: string): Watcher<Event> {
    const watcher = watch<Event>(world.url, client.token, subscription);
    watchers.push(watcher);
    return watcher;
  }

  const change = (
    mutation: 'retryJob' | 'removeJob',
    id: string,
    client: GraphqlClient = admin,
    queue = 'DELIVERIES',
  ) =>
    client.send(
      `mutation ($input: ${mutation === 'retryJob' ? 'RetryJobInput' : 'RemoveJobInput'}!) { ${mutation}(input: $input) { __typename ${JOB} } }`,
      { input: { queue, id } },
    );
  const entriesOf = (id: string) =>
    world.db.manager.find(AuditEntryRow, {
      where: { targetType: 'job', targetId: `deliveries/${id}` },
      order: { number: 'ASC' },
    });
  const failed = async (client: GraphqlClient = admin): Promise<{ id: string; reason: string; attempts: number }[]> => {
    const { data } = await client.send(
      `{ queues { name failedJobs(first: 100) { totalCount nodes { ${'id reason attempts'} } } } }`,
    );
    const queues = data?.queues as {
      name: string;
      failedJobs: { nodes: { id: string; reason: string; attempts: number }[] };
    }[];
    return queues.find(({ name }) => name === 'DELIVERIES')?.failedJobs.nodes ?? [];
  };

  /** A delivery that fails for good, because its environment does not exist yet. */
  async function failedDelivery(environment: string): Promise<string> {
    const id = `${environment}-release-1-artefacts`;
    const delivery = {
      environment,
      topic: 'release',
      version: 1,
      target: 'artefacts',
      requestId: 'r',
      traceparent: null,
    } as const;
    await producer.add(deliveryTask, delivery, { jobId: id });
    await until(async () => (await failed()).some((job) => job.id === id), { what: 'the failure' });
    return id;
  }

  /** Jobs of a name that no worker knows fail at once, and for good. */
  async function hopeless(id: string): Promise<string> {
    await producer.queue(QUEUES.deliveries).add('unknown-task', { some: 'payload' }, { jobId: id });
    await until(async () => (await failed()).some((job) => job.id === id), { what: 'the failure' });
    return id;
  }

  describe('retryJob', () => {
    it('lets a failed job run again in the worker, and says so in the audit log', async () => {
      const id = await failedDelivery('later');
      expect((await failed()).find((job) => job.id === id)?.reason).toContain('there is no environment');
      await world.seed().environment('later');
      const completed = new Promise<string>((resolve) =>
        finished.on('completed', ({ jobId }) => jobId === id && resolve(jobId)),
      );
      const retried = expectOk(await change('retryJob', id), 'FailedJob');
      expect(retried).toMatchObject({
        id,
        name: 'deliver',
        reason: expect.stringContaining('there is no environment'),
        payload: { environment: 'later', topic: 'release', version: 1 },
        failedAt: expect.any(String),
      });
      expect(await completed).toBe(id);
      const redis = world.app.get(ARTEFACT_REDIS, { strict: false });
      expect(await redis.exists(artefactKeys(prefix.prefix, 'later').head)).toBe(1);
      expect((await failed()).some((job) => job.id === id)).toBe(false);
      const entries = await entriesOf(id);
      expect(entries).toMatchObject([{ action: 'job.retried', actor: admin.actor.id }]);
      expect(JSON.parse(entries[0]?.details ?? '')).toMatchObject({ queue: 'deliveries', job: id, name: 'deliver' });
      // The job was removed: there is nothing to retry.
      expectProblem(await change('retryJob', id), 'NOT_FOUND');
    });

    it('a job that fails again is listed again, with its new attempts', async () => {
      const id = await hopeless('fails-twice');
      expectOk(await change('retryJob', id), 'FailedJob');
      await until(async () => (await failed()).find((job) => job.id === id), { what: 'the second failure' });
      expect((await failed()).find((job) => job.id === id)).toMatchObject({
        attempts: 1,
        reason: expect.stringContaining('no task'),
      });
      expectOk(await change('removeJob', id), 'FailedJob');
    });
  });

  describe('removeJob', () => {
    it('removes a failed job, and says so in the audit log', async () => {
      const id = await hopeless('to-remove');
      expect(expectOk(await change('removeJob', id), 'FailedJob')).toMatchObject({ id, payload: { some: 'payload' } });
      expect(await producer.queue(QUEUES.deliveries).getJob(id)).toBeUndefined();
      expect(await entriesOf(id)).toMatchObject([{ action: 'job.removed' }]);
      expectProblem(await change('removeJob', id), 'NOT_FOUND');
    });
  });

  describe.each(['retryJob', 'removeJob'] as const)('%s', (mutation) => {
    it('does not find a job that does not exist, is in another queue, or has not failed', async () => {
      expect(expectProblem(await change(mutation, 'no-such-job'), 'NOT_FOUND').message).toContain('no-such-job');
      const id = await hopeless(`elsewhere-${mutation}`);
      expectProblem(await change(mutation, id, admin, 'RECEIPTS'), 'NOT_FOUND');
      await producer.queue(QUEUES.deliveries).add('unknown-task', {}, { jobId: `waits-${mutation}`, delay: 600_000 });
      expectProblem(await change(mutation, `waits-${mutation}`), 'NOT_FOUND');
      expect(await entriesOf(`waits-${mutation}`)).toEqual([]);
      await producer.queue(QUEUES.deliveries).remove(`waits-${mutation}`);
      expectOk(await change('removeJob', id), 'FailedJob');
    });

    it('is for administrators of everything, and leaves the job and the log alone otherwise', async () => {
      const id = await hopeless(`forbidden-${mutation}`);
      for (const client of [await world.signedIn('PUBLISHER'), await world.signedIn('ADMIN', { site: 'acme-uk' })])
        expectProblem(await change(mutation, id, client), 'FORBIDDEN');
      expect((await change(mutation, id, world.nobody)).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
      expect((await failed()).some((job) => job.id === id)).toBe(true);
      expect(await entriesOf(id)).toEqual([]);
      expectOk(await change('removeJob', id), 'FailedJob');
    });

    it('asked for ten times at once it happens once, with one entry', async () => {
      const id = await hopeless(`race-${mutation}`);
      // A job that is retried fails again within milliseconds, and could then be retried again: nothing runs it here.
      await producer.queue(QUEUES.deliveries).pause();
      const results: GraphqlResult[] = await Promise.all(Array.from({ length: 10 }, () => change(mutation, id)));
      expect(results.flatMap(({ errors }) => errors)).toEqual([]);
      const kinds = results.map(({ data }) => (data?.[mutation] as { __typename: string }).__typename).sort();
      expect(kinds).toEqual(['FailedJob', ...Array.from({ length: 9 }, () => 'NotFoundProblem')]);
      expect(await entriesOf(id)).toHaveLength(1);
      await producer.queue(QUEUES.deliveries).resume();
    });
  });

  describe('queuesChanged', () => {
    const lastCounts = ({ events }: Watcher<QueueEvent[]>) =>
      events.at(-1)?.find(({ name }) => name === 'DELIVERIES')?.counts;

    it('shows the queues now, and a job that failed, was retried or removed within seconds', async () => {
      const watcher = watching<QueueEvent[]>(admin, `queuesChanged { ${COUNTS} }`);
      await until(() => watcher.events.length > 0);
      expect(watcher.events[0]?.map(({ name }) => name)).toEqual(['DELIVERIES', 'RECEIPTS']);
      const before = lastCounts(watcher)?.failed ?? 0;
      const id = await hopeless('shown');
      await until(() => lastCounts(watcher)?.failed === before + 1, { what: 'the failure', timeoutMs: 5_000 });
      expectOk(await change('removeJob', id), 'FailedJob');
      await until(() => lastCounts(watcher)?.failed === before, { what: 'the removal', timeoutMs: 5_000 });
      expect(watcher.errors).toEqual([]);
    });

    it('a thousand jobs are a few events, and the last one shows what is left', async () => {
      const watcher = watching<QueueEvent[]>(admin, `queuesChanged { ${COUNTS} }`);
      await until(() => watcher.events.length > 0);
      const began = performance.now();
      const queue = producer.queue(QUEUES.deliveries);
      await queue.clean(0, 2_000, 'failed');
      const jobs = Array.from({ length: 1_000 }, (_, n) => ({
        name: 'unknown-task',
        data: {},
        opts: { jobId: `burst-${n}` },
      }));
      await queue.addBulk(jobs);
      await until(async () => (await queue.getJobCounts('failed'))['failed'] === 1_000, { timeoutMs: 60_000 });
      await until(() => lastCounts(watcher)?.failed === 1_000 && lastCounts(watcher)?.waiting === 0, {
        timeoutMs: 5_000,
      });
      const seconds = (performance.now() - began) / 1_000;
      expect(watcher.events.length).toBeLessThanOrEqual(Math.ceil(seconds) + 3);
      await queue.clean(0, 2_000, 'failed');
      await until(() => lastCounts(watcher)?.failed === 0, { timeoutMs: 5_000 });
    });

    it('is refused without the grant everywhere, and ends when the grant is revoked', async () => {
      const part = watching<QueueEvent[]>(
        await world.signedIn('ADMIN', { site: 'acme-uk' }),
        `queuesChanged { ${COUNTS} }`,
      );
      await until(() => part.errors.length > 0);
      expect(JSON.stringify(part.errors)).toContain('FORBIDDEN');
      expect(part.events).toEqual([]);

      const reader = await world.signedIn('ADMIN');
      const watcher = watching<QueueEvent[]>(reader, `queuesChanged { ${COUNTS} }`);
      await until(() => watcher.events.length > 0);
      const setGrants =
        'mutation ($input: SetGrantsInput!) { setGrants(input: $input) { __typename ... on Problem { code } } }';
      expectOk(await admin.send(setGrants, { input: { userId: reader.actor.id, grants: [] } }), 'User');
      const seen = watcher.events.length;
      const id = await hopeless('after-grants');
      await until(() => watcher.closed, { timeoutMs: 5_000, what: 'the end of the socket' });
      expect(watcher.closed?.code).toBe(4403);
      expect(watcher.events).toHaveLength(seen);
      expectOk(await change('removeJob', id), 'FailedJob');
    });
  });

  describe('consumerChanged', () => {
    const FIELDS = 'consumer instance alive appliedSeq inSync host';
    const heartbeat = (instance: string, more: Partial<Heartbeat> = {}, environment = 'production'): Heartbeat => ({
      consumer: 'edge',
      instance,
      leaseMs: 60_000,
      startedAt: '2026-01-01T00:00:00.000Z',
      host: 'host-1',
      environments: [{ environment, seq: 0, stateHash: EMPTY_STATE }],
      ...more,
    });
    const beat = (...args: Parameters<typeof heartbeat>) => producer.add(heartbeatTask, heartbeat(...args));

    let probes = 0;
    async function watchingConsumers(client: SignedInClient, environment = 'production') {
      const watcher = watching<ConsumerEvent>(client, `consumerChanged(environment: "${environment}") { ${FIELDS} }`);
      await untilHeard([watcher], () => beat(`probe-${(probes += 1)}`, {}, environment));
      return watcher;
    }
    const of = ({ events }: Watcher<ConsumerEvent>, instance: string) =>
      events.filter((event) => event.instance === instance);

    it('an instance registers, falls silent and comes back: one event each, none for a renewed lease', async () => {
      const watcher = await watchingConsumers(await world.signedIn('VIEWER', { environment: 'production' }));
      await beat('edge-1');
      await until(() => of(watcher, 'edge-1').length === 1, { timeoutMs: 5_000, what: 'the registration' });
      for (let n = 0; n < 5; n += 1) await beat('edge-1');
      await beat('edge-1', { leaseMs: 1_000 });
      await until(() => of(watcher, 'edge-1').length === 2, { timeoutMs: 10_000, what: 'the lost lease' });
      await beat('edge-1');
      await until(() => of(watcher, 'edge-1').length === 3, { timeoutMs: 5_000, what: 'the return' });
      await beat('edge-1', { startedAt: '2026-01-02T00:00:00.000Z', host: 'host-2' });
      await until(() => of(watcher, 'edge-1').length === 4, { timeoutMs: 5_000, what: 'the restart' });
      expect(of(watcher, 'edge-1')).toMatchObject([
        { consumer: 'edge', alive: true, appliedSeq: 0, host: 'host-1' },
        { alive: false },
        { alive: true },
        { alive: true, host: 'host-2' },
      ]);
      expect(watcher.errors).toEqual([]);
    });

    it('other environments hear nothing; a foreign one is refused', async () => {
      const staging = await watchingConsumers(await world.signedIn('VIEWER', { environment: 'staging' }), 'staging');
      await beat('only-production');
      await beat('staging-last', {}, 'staging');
      await until(() => of(staging, 'staging-last').length > 0);
      expect(staging.bytes).not.toContain('only-production');
      const foreign = watching<ConsumerEvent>(
        await world.signedIn('VIEWER', { environment: 'staging' }),
        `consumerChanged(environment: "production") { ${FIELDS} }`,
      );
      await until(() => foreign.errors.length > 0);
      expect(JSON.stringify(foreign.errors)).toContain('FORBIDDEN');
    });

    it('a thousand heartbeats of fifty instances: fifty events', async () => {
      const watcher = await watchingConsumers(admin);
      const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
      for (let round = 0; round < 20; round += 1) await Promise.all(names.map((name) => beat(name)));
      await until(() => names.every((name) => of(watcher, name).length > 0), { what: 'all instances' });
      await beat('many-last');
      await until(() => of(watcher, 'many-last').length > 0);
      expect(watcher.events.filter(({ instance }) => names.includes(instance))).toHaveLength(50);
    });

    it('a revoked grant ends access from the next event on', async () => {
      const reader = await world.signedIn('VIEWER');
      const watcher = await watchingConsumers(reader);
      const setGrants =
        'mutation ($input: SetGrantsInput!) { setGrants(input: $input) { __typename ... on Problem { code } } }';
      expectOk(await admin.send(setGrants, { input: { userId: reader.actor.id, grants: [] } }), 'User');
      await beat('after-grants');
      await until(() => watcher.closed, { timeoutMs: 5_000, what: 'the end of the socket' });
      expect(watcher.bytes).not.toContain('after-grants');
    });
  });
});

describe('queues while Redis is unreachable', () => {
  it('queuesChanged shows no counts, stays open, and shows them again', async () => {
    const proxy = await TcpProxy.to(Number(testServers().redisUrl.port));
    const url = new URL(testServers().redisUrl.href);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const world = await testWorld({ REDIS_URL: url.href });
    const admin = await world.signedIn('ADMIN');
    const watcher = watch<QueueEvent[]>(world.url, admin.token, `queuesChanged { ${COUNTS} }`);
    const last = () => watcher.events.at(-1)?.map(({ counts }) => counts?.failed);
    try {
      await until(() => last()?.join() === '0,0');
      proxy.refuse();
      await until(() => last()?.join() === ',', { what: 'the outage' });
      proxy.heal();
      await until(() => last()?.join() === '0,0', { what: 'the counts after the outage' });
      expect(watcher.errors).toEqual([]);
      expect(watcher.closed).toBeUndefined();
    } finally {
      await watcher.dispose();
      await world.close();
      await proxy.close();
    }
  });
});
