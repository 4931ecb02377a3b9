import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, createClient } from 'graphql-ws';
import type { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import type { Heartbeat, Receipt } from '@paddock/contracts';
import { createLogger, createMetrics } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { Editor, type Release } from '../../testing/editor.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';
import { EpochRotation } from '../artefacts/epoch-rotation.js';
import { ChangeNotifier } from '../change-notifier.js';
import { PublishingMetrics } from '../metrics.js';
import { ReceiptWriter } from '../receipts/receipt-writer.js';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../redis.js';

const FIELDS =
  'desiredSeq applied rejected skipped pending stale p95Ms summary receipts { consumer instance state ms error }';

let world: World;
let publisher: SignedInClient;
let editor: Editor;
let receipts: ReceiptWriter;
let deaf: ReceiptWriter;
let environment: string;
let count = 0;

beforeAll(async () => {
  world = await testWorld();
  await world.seed().site('acme-uk');
  publisher = await world.signedIn('PUBLISHER');
  editor = new Editor(publisher);
  const redis: Redis = world.app.get(ARTEFACT_REDIS, { strict: false });
  const writer = (prefix: string) =>
    new ReceiptWriter(
      world.db,
      new ChangeNotifier(redis, prefix),
      new PublishingMetrics(createMetrics('test')),
      new EpochRotation(world.db, createLogger('test', 'silent')),
    );
  receipts = writer(world.app.get(REDIS_PREFIX, { strict: false }));
  // Its hints have no listeners.
  deaf = writer('nobody');
});
afterAll(() => world.close());

beforeEach(async () => {
  environment = `env-${(count += 1)}`;
  await world.seed().environment(environment);
});

async function land(): Promise<Release> {
  return editor.land([await editor.promo(`promo-${environment}`, { title: `text ${Math.random()}` })], { environment });
}

function heartbeat(instance: string, seq: number, stateHash: string, more: Partial<Heartbeat> = {}): Heartbeat {
  const environments = [{ environment, seq, stateHash }];
  return { consumer: 'edge', instance, leaseMs: 15_000, startedAt: '2026-01-01T00:00:00.000Z', environments, ...more };
}

function applied(instance: string, release: Release, more: Partial<Receipt> = {}): Receipt {
  const { seq, stateHash } = release;
  return {
    environment,
    seq,
    consumer: 'edge',
    instance,
    state: 'APPLIED',
    stateHash,
    appliedAt: new Date().toISOString(),
    ms: 12,
    ...more,
  };
}

async function propagation(release: Release): Promise<Record<string, unknown>> {
  const { data } = await publisher.send(`query ($id: ID!) { release(id: $id) { propagation { ${FIELDS} } } }`, {
    id: release.id,
  });
  const { propagation: found } = data?.release as { propagation: Record<string, unknown> };
  return found;
}

const NOWHERE = '0'.repeat(64);

describe('propagation', () => {
  test('says who has applied a release, with delays', async () => {
    for (const name of ['a', 'b', 'c']) await receipts.heartbeat(heartbeat(name, 0, NOWHERE));
    const release = await land();
    expect(await propagation(release)).toMatchObject({ desiredSeq: 1, applied: 0, pending: 3 });
    await Promise.all([receipts.receipt(applied('a', release, { ms: 31 })), receipts.receipt(applied('b', release))]);
    await receipts.receipt(applied('c', release));
    expect(await propagation(release)).toMatchObject({
      applied: 3,
      pending: 0,
      p95Ms: 31,
      summary: 'release 1: applied by 3 of 3 edges, p95 31 ms',
    });
  });

  test('a consumer that sends no heartbeats is outstanding for the next release too, and stale once it stays silent', async () => {
    const partner = { consumer: 'partner' };
    await receipts.receipt(applied('p1', await land(), { ...partner, leaseMs: 600_000 }));
    const next = await land();
    expect(await propagation(next)).toMatchObject({
      pending: 1,
      receipts: [{ ...partner, instance: 'p1', state: 'PENDING' }],
    });
    await world.db.manager.query(
      'UPDATE consumer_instance SET lease_expires_at = UTC_TIMESTAMP(3) WHERE environment = ?',
      [environment],
    );
    expect(await propagation(next)).toMatchObject({
      pending: 0,
      stale: 1,
      receipts: [{ ...partner, instance: 'p1', state: 'STALE' }],
    });
  });

  test('a release that has not landed has no propagation', async () => {
    const id = await editor.promo(`promo-${environment}`);
    const { data } = await editor.createRelease([id], { environment });
    expect(await propagation(data?.createRelease as Release)).toBeNull();
  });

  test('lists of releases are read at once', async () => {
    await receipts.heartbeat(heartbeat('a', 0, NOWHERE));
    const releases = [await land(), await land(), await land()];
    await receipts.receipt(applied('a', releases[1] ?? releases[0] ?? (await land())));
    const { data } = await publisher.send(
      `query ($environment: String!) { releases(environment: $environment) { nodes { seq propagation { applied pending } } } }`,
      { environment },
    );
    expect(data?.releases).toMatchObject({
      nodes: [
        { seq: 3, propagation: { applied: 0, pending: 1 } },
        { seq: 2, propagation: { applied: 1, pending: 0 } },
        { seq: 1, propagation: { applied: 1, pending: 0 } },
      ],
    });
  });

  test('instances are listed with their leases, page by page', async () => {
    const release = await land();
    await receipts.heartbeat(heartbeat('a', 1, release.stateHash));
    await receipts.heartbeat(heartbeat('b', 1, 'f'.repeat(64)));
    await receipts.heartbeat(heartbeat('c', 0, NOWHERE, { leaseMs: 1 }));
    const list = async (after: string | null) => {
      const { data } = await publisher.send(
        `query ($environment: String!, $after: String) { consumers(environment: $environment, first: 2, after: $after) {
          nodes { consumer instance alive appliedSeq inSync } pageInfo { hasNextPage endCursor } } }`,
        { environment, after },
      );
      return data?.consumers as { nodes: object[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    await until(
      async () =>
        (
          await world.db.manager.query(
            'SELECT 1 FROM consumer_instance WHERE instance = ? AND lease_expires_at < UTC_TIMESTAMP(3)',
            ['c'],
          )
        ).length === 1,
    );
    const first = await list(null);
    expect(first.nodes).toEqual([
      { consumer: 'edge', instance: 'a', alive: true, appliedSeq: 1, inSync: true },
      { consumer: 'edge', instance: 'b', alive: true, appliedSeq: 0, inSync: false },
    ]);
    const second = await list(first.pageInfo.endCursor);
    expect(second).toMatchObject({ nodes: [{ instance: 'c', alive: false }], pageInfo: { hasNextPage: false } });
  });
});

describe('subscriptions', () => {
  let client: Client;
  beforeEach(() => {
    client = createClient({
      url: `${world.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${publisher.token}` },
      retryAttempts: 0,
    });
  });
  afterEach(() => client.dispose());

  /** What arrived so far, and whether it ended by itself. */
  function subscribed(query: string, variables: Record<string, unknown>) {
    const seen: { events: Record<string, unknown>[]; ended: boolean; error?: unknown; stop: () => void } = {
      events: [],
      ended: false,
      stop: () => undefined,
    };
    seen.stop = client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => seen.events.push(Object.values(data ?? { errors })[0] as Record<string, unknown>),
        error: (error) => (seen.error = error),
        complete: () => (seen.ended = true),
      },
    );
    return seen;
  }

  const watchPropagation = (id: string) =>
    subscribed(`subscription ($id: ID!) { propagation(releaseId: $id) { ${FIELDS} } }`, { id });

  test('propagation arrives at once, on every change, and ends when all have applied it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    for (const name of names) await receipts.heartbeat(heartbeat(name, 0, NOWHERE));
    const release = await land();
    const seen = watchPropagation(release.id);
    await until(() => seen.events.length === 1);
    const began = performance.now();
    for (const [count, name] of names.slice(1).entries()) {
      await receipts.receipt(applied(name, release));
      await until(() => seen.events.length === count + 2);
    }
    // Without hints it is looked at once a second: eight changes, one after the other, would take seven at least.
    expect(performance.now() - began).toBeLessThan(6_000);
    await receipts.receipt(applied('a', release));
    await until(() => seen.ended);
    expect(seen.events.map(({ applied, pending }) => [applied, pending])).toEqual(
      Array.from({ length: 10 }, (_, count) => [count, 9 - count]),
    );
  });

  test('hint-lost: a change whose hint is lost is still seen', async () => {
    await deaf.heartbeat(heartbeat('a', 0, NOWHERE));
    const release = await land();
    const seen = watchPropagation(release.id);
    await until(() => seen.events.length === 1);
    await deaf.receipt(applied('a', release));
    await until(() => seen.ended);
    expect(seen.events.at(-1)).toMatchObject({ applied: 1 });
  });

  test('a burst of receipts is few events', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `edge-${index}`);
    await Promise.all(names.map((name) => receipts.heartbeat(heartbeat(name, 0, NOWHERE))));
    const release = await land();
    const seen = watchPropagation(release.id);
    await until(() => seen.events.length === 1);
    await Promise.all(names.map((name) => receipts.receipt(applied(name, release))));
    await until(() => seen.ended);
    expect(seen.events.at(-1)).toMatchObject({ applied: 60 });
    expect(seen.events.length).toBeLessThan(8);
  });

  test('of a release that has yet to land: silent until it has', async () => {
    await receipts.heartbeat(heartbeat('a', 0, NOWHERE));
    const id = await editor.promo(`promo-${environment}`, { title: 'soon' });
    const created = (await editor.createRelease([id], { environment })).data?.createRelease as Release;
    const seen = watchPropagation(created.id);
    const release = (await editor.publish(created.id, created.plan?.planHash ?? '')).data?.publishRelease as Release;
    await until(() => seen.events.length >= 1);
    expect(seen.events[0]).toMatchObject({ desiredSeq: 1, pending: 1 });
    await receipts.receipt(applied('a', release));
    await until(() => seen.ended);
  });

  test('releases that land arrive in order, each once', async () => {
    await land();
    const seen = subscribed(
      'subscription ($environment: String!) { releaseLanded(environment: $environment) { seq title propagation { desiredSeq } } }',
      { environment },
    );
    // It reports landings from the moment of its subscription.
    await until(async () => {
      await land();
      return seen.events.length > 0;
    });
    const first = Number(seen.events[0]?.['seq']);
    for (let more = 0; more < 4; more += 1) await land();
    const { headSeq } = await world.db.manager
      .query('SELECT head_seq AS headSeq FROM environment WHERE name = ?', [environment])
      .then(([row]) => row);
    await until(() => seen.events.length === Number(headSeq) - first + 1);
    expect(seen.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: seen.events.length }, (_, index) => first + index),
    );
    seen.stop();
  });

  test('a caller who may not read the environment receives nothing', async () => {
    const release = await land();
    const stranger = await world.signedIn('VIEWER', { environment: 'another' });
    client = createClient({
      url: `${world.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${stranger.token}` },
      retryAttempts: 0,
    });
    const seen = watchPropagation(release.id);
    const landed = subscribed(
      'subscription ($environment: String!) { releaseLanded(environment: $environment) { seq } }',
      { environment },
    );
    await until(() => seen.ended && landed.ended);
    expect(seen.events).toMatchObject([[{ extensions: { code: 'NOT_FOUND' } }]]);
    expect(landed.events).toMatchObject([[{ extensions: { code: 'FORBIDDEN' } }]]);
  });
});
