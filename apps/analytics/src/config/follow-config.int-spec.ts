import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { type Receipt, sha256Hex } from '@paddock/contracts';
import { operationsOf } from '@paddock/http-server';
import type { EventSchemaBody, SimpleMetric } from '@paddock/metrics';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import { clientKey, type Edit, redisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { ApiKeys } from '../access/api-keys.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import { SavedExplorations } from '../explorations/saved-explorations.js';
import { createServer } from '../http/create-server.js';
import { AnswerCache } from '../queries/answer-cache.js';
import { Queries } from '../queries/queries.js';
import { readSeries } from '../queries/series.js';
import { readSettings } from '../settings.js';
import { contract, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { usageOf } from '../usage/usage.js';
import { followConfig, type FollowedConfig } from './follow-config.js';

const area = redisPrefix();
const MINUTE = 60_000;
let prefix: string;
let tests = 0;
let test: TestAnalytics;
let publisher: TestPublisher;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let worker: ReturnType<typeof startWorker>;
let config: FollowedConfig | undefined;
let server: Awaited<ReturnType<typeof createServer>> | undefined;
let receipts: Receipt[];
let producers: Map<string, string>;

beforeEach(async () => {
  tests += 1;
  prefix = `${area.prefix}-${tests}`;
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, prefix);
  test = await testAnalytics();
  receipts = [];
  producers = new Map();
  const implementations = [
    implementTask(receiptTask, ({ payload: receipt }) => Promise.resolve(void receipts.push(receipt))),
    implementTask(heartbeatTask, () => Promise.resolve()),
  ];
  worker = startWorker(RECEIPTS_QUEUE, implementations, {
    connection: workerConnection(area.url),
    prefix,
    concurrency: 1,
    onError: () => undefined,
  });
  await test.analytics.start();
});

afterEach(async () => {
  await config?.close();
  await worker.close();
  publisher.close();
  // A server closes analytics itself.
  await (server ? server.close().then(() => test.remove()) : test.close());
  server = undefined;
  await area.clear();
  await directory.remove();
});

async function follow(): Promise<void> {
  const settings = readSettings({
    REDIS_URL: area.url.href,
    REDIS_PREFIX: prefix,
    ANALYTICS_STATE_DIR: directory.path,
    ANALYTICS_INSTANCE: 'analytics-1',
    ANALYTICS_POLL_MS: '100',
  });
  config = await followConfig(test.analytics, producers, new Map(), settings, pino({ level: 'fatal' }));
}

const bet = contract('bet', { stake: 'number', sport: 'string' });
const schemaOf = (body: EventSchemaBody): Edit => ({ kind: 'event-schema', site: '*', key: body.event, body });
const metric = (key: string, simple: SimpleMetric): Edit => ({
  kind: 'metric',
  site: '*',
  key,
  body: { title: key, simple },
});
const bets: SimpleMetric = { event: 'bet', agg: 'count' };
const tennis: SimpleMetric = { ...bets, filter: { eq: { field: 'sport', value: 'tennis' } } };

/** Receipts of a release as `consumer STATE`. */
const said = (seq: number): string[] =>
  receipts
    .filter((receipt) => receipt.seq === seq)
    .map(({ consumer, state }) => `${consumer} ${state}`)
    .sort();

interface Readyz {
  checks: { config: object };
}

/** What `/readyz` answers to operators. */
async function readiness(): Promise<Readyz> {
  const followed = config;
  if (!followed) throw new Error('nothing is followed yet');
  server ??= await createServer(
    test.analytics,
    new ProducerKeys(producers, false),
    pino({ level: 'fatal' }),
    undefined,
    { keys: new ApiKeys(new Map()), production: true, config: () => followed.standing },
  );
  await server.init();
  await server.getHttpAdapter().getInstance().ready();
  return (await fetch(`${operationsOf(server.getHttpAdapter().getInstance()).url}/readyz`)).json() as Promise<Readyz>;
}

async function value(key: string): Promise<number | null> {
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const intervals = [{ start: now - 60 * MINUTE, end: now + MINUTE }];
  const { rows } = await readSeries(test.analytics.context, { metric: key, intervals, timeZone: 'UTC' });
  return rows[0]?.values[0]?.toNumber() ?? null;
}

async function send(sports: readonly string[]): Promise<void> {
  const at = Date.now() - 10 * MINUTE;
  const answer = await test.send(
    sports.map((sport, index) => ({
      event: 'bet',
      id: `${sport}-${index}`,
      at: new Date(at).toISOString(),
      stake: 1,
      sport,
    })),
  );
  expect(answer.rejected).toEqual([]);
  await test.stored(sports.length);
}

describe('published definitions', () => {
  it('are applied at once, said to be applied and to be caught up, and answer', async () => {
    await follow();
    const published = Date.now();
    await publisher.publish([schemaOf(bet), metric('bets', bets)]);
    await until(() => said(1).includes('analytics APPLIED'));
    expect(Date.now() - published).toBeLessThan(10_000);
    await send(['tennis', 'golf']);
    expect(await value('bets')).toBe(2);
    await until(() => said(1).length === 2);
    expect(said(1)).toEqual(['analytics APPLIED', 'analytics-backfill APPLIED']);
  });

  it('are computed beside the previous ones, switch when caught up, and roll back at once', async () => {
    await follow();
    await publisher.publish([schemaOf(bet), metric('bets', bets)]);
    await until(() => said(1).includes('analytics APPLIED'));
    await send(['tennis', 'golf', 'golf']);
    await until(async () => (await value('bets')) === 3);

    await publisher.publish([metric('bets', tennis)]);
    await until(async () => (await value('bets')) === 1, { timeoutMs: 30_000, what: 'the new definition' });
    await until(() => said(2).length === 2);
    expect(said(2)).toEqual(['analytics APPLIED', 'analytics-backfill APPLIED']);
    for (const { ms } of receipts.filter(({ seq }) => seq === 2)) expect(ms).toBeGreaterThanOrEqual(0);

    await publisher.publish([metric('bets', bets)]);
    await until(() => said(3).includes('analytics APPLIED'));
    // The previous rollup was kept up to date, so there is nothing to wait for.
    expect(test.analytics.metrics.next('bets')).toBeUndefined();
    expect(await value('bets')).toBe(3);
  });

  it('are named in answers by metric, revision and release, with their input metrics', async () => {
    await follow();
    const ratio = {
      ...{ kind: 'metric', site: '*', key: 'share', revision: 2 },
      body: { title: 'Share', ratio: { numerator: { metric: 'tennis' }, denominator: { metric: 'bets' } } },
    };
    await publisher.publish([schemaOf(bet), { ...metric('bets', bets), revision: 4 }]);
    await publisher.publish([{ ...metric('tennis', tennis), revision: 1 }, ratio]);
    await until(() => said(2).includes('analytics APPLIED'));
    const queries = new Queries(() => test.analytics.context, new AnswerCache());
    const versions = async (key: string) => {
      const now = Date.now();
      const [from, to] = [now - 60 * MINUTE, now].map((at) => new Date(at).toISOString());
      const asked = { metric: key, from: from ?? '', to: to ?? '', grain: 'hour' };
      return (await queries.series(asked)).versions.map(({ metric: name, landing }) => ({ name, ...landing }));
    };
    expect(await versions('bets')).toEqual([{ name: 'bets', seq: 1, revision: 4 }]);
    expect(await versions('share')).toEqual([
      { name: 'share', seq: 2, revision: 2 },
      { name: 'tennis', seq: 2, revision: 1 },
      { name: 'bets', seq: 1, revision: 4 },
    ]);

    // Another title is another revision with the same numbers.
    const titled = metric('bets', bets);
    await publisher.publish([{ ...titled, body: { ...titled.body, title: 'All bets' }, revision: 5 }]);
    await until(() => said(3).includes('analytics APPLIED'));
    expect(await versions('bets')).toEqual([{ name: 'bets', seq: 3, revision: 5 }]);
  });

  it('that cannot be applied are rejected, and the last good definitions stay active', async () => {
    await follow();
    await publisher.publish([schemaOf(bet), metric('bets', bets)]);
    await until(() => said(1).includes('analytics APPLIED'));
    await publisher.publish([metric('broken', { event: 'bet', agg: 'sum', expr: 'nothing' })]);
    await until(() => said(2).includes('analytics REJECTED'));
    expect(receipts.find(({ state }) => state === 'REJECTED')?.error).toContain('metric broken: simple.expr');
    await send(['tennis']);
    expect(await value('bets')).toBe(1);
    const ready = await readiness();
    expect(ready).toMatchObject({
      ready: true,
      checks: {
        config: {
          ok: true,
          environment: 'production',
          seq: 1,
          heardAt: expect.any(Number),
          rejection: { seq: 2, reason: expect.stringContaining('metric broken: simple.expr') },
        },
      },
    });
    // Other instances do not wait for it, and the rest of its release was applied.
    await publisher.publish([metric('rounds', { event: 'bet', agg: 'count' })]);
    await until(() => said(3).includes('analytics APPLIED'));
    await until(async () => (await value('rounds')) === 1);
    expect(receipts.find(({ seq, consumer }) => seq === 3 && consumer === 'analytics')?.error).toContain(
      'applied without metric broken',
    );
    expect(said(2)).toEqual(['analytics REJECTED']);
    await publisher.publish([{ kind: 'metric', site: '*', key: 'broken' }]);
    await until(() => said(4).includes('analytics APPLIED'));
    await until(() => config?.standing.caughtUpSeq === 4);
    const {
      checks: { config: shown },
    } = await readiness();
    expect(shown).toMatchObject({ ok: true, seq: 4, caughtUpSeq: 4 });
    expect(shown).not.toHaveProperty('rejection');
  });

  it('that give a field another type than kept events have are rejected, with the field', async () => {
    await follow();
    await publisher.publish([schemaOf(contract('bet', { stake: 'number', sport: 'string' }))]);
    await until(() => said(1).includes('analytics APPLIED'));
    await publisher.publish([{ kind: 'event-schema', site: '*', key: 'bet' }]);
    await publisher.publish([schemaOf(contract('bet', { stake: 'string', sport: 'string' }))]);
    await until(() => said(3).includes('analytics REJECTED'));
    expect(receipts.find(({ seq, state }) => seq === 3 && state === 'REJECTED')?.error).toContain('bet.stake is TEXT');
  });

  it('may be explorations, which answer at once; one with unknown inputs is rejected', async () => {
    const exploration = (body: object): Edit => ({
      kind: 'exploration',
      site: '*',
      key: 'today',
      body: { title: 'Today', grain: 'hour', range: { last: '24h' }, ...body },
    });
    await follow();
    await publisher.publish([schemaOf(bet), metric('bets', bets), exploration({ metric: 'bets' })]);
    await until(() => said(1).includes('analytics APPLIED'));
    await send(['tennis', 'golf']);
    const { answered } = await new SavedExplorations(
      new Queries(() => test.analytics.context, new AnswerCache()),
    ).answer('today');
    expect(answered.answer.rows[0]?.values.reduce((sum, one) => sum + (one?.toNumber() ?? 0), 0)).toBe(2);
    await publisher.publish([exploration({ metric: 'gone' })]);
    await until(() => said(2).includes('analytics REJECTED'));
    expect(receipts.find(({ state }) => state === 'REJECTED')?.error).toContain('exploration today: metric');
    expect(test.analytics.definitions.explorations.get('today')?.metric).toBe('bets');
  });

  it('are loaded from disk where Redis is empty', async () => {
    await follow();
    await publisher.publish([schemaOf(bet), metric('bets', bets)]);
    await until(() => said(1).includes('analytics APPLIED'));
    await config?.close();
    await test.close();
    await area.clear();
    test = await testAnalytics();
    await test.analytics.start();
    await follow();
    expect(test.analytics.definitions.metric('bets')).toBeDefined();
  });
});

describe('producers', () => {
  const key = (secret: string, scopes: ('read' | 'events')[]) =>
    clientKey(secret, { id: secret, consumer: `of-${secret}`, scopes });

  it('may send with a client key until it is revoked', async () => {
    const keys = new ProducerKeys(producers, false);
    await publisher.settings({ clientKeys: [key('web', ['read', 'events']), key('reader', ['read'])] });
    await follow();
    await until(() => keys.producerOf('web') === 'of-web');
    expect(keys.producerOf('reader')).toBeUndefined();
    await publisher.settings({ clientKeys: [] });
    await until(() => keys.producerOf('web') === undefined);
    expect(producers.has(sha256Hex('web'))).toBe(false);
  });

  it('are counted by the version that they send', async () => {
    await follow();
    await publisher.publish([schemaOf(bet)]);
    await until(() => said(1).includes('analytics APPLIED'));
    await send(['tennis', 'golf']);
    expect(await usageOf(test.analytics)).toEqual([
      { event: 'bet', version: '1.0.0', producer: 'test', events: 2, lastReceivedAt: expect.stringMatching(/Z$/) },
    ]);
  });
});
