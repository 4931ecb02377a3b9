import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Heartbeat, Receipt } from '@paddock/contracts';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import {
  createDatabase,
  type Edit,
  redisPrefix,
  startApp,
  temporaryDirectory,
  type TestApp,
  TestPublisher,
  type ThrowawayDatabase,
  until,
} from '@paddock/testing';
import { createOddsDataSource } from '../storage/data-source.js';
import { migrateOdds } from '../storage/migrate.js';

const CASE_MS = 120_000;
const INSTANCE = 'odds-1';

const feed = (key: string): Edit => ({
  kind: 'odds-feed',
  site: '*',
  key,
  body: {
    source: { simulator: { seed: 7, matches: 1, matchMs: 60_000 } },
    syncWindowMs: 0,
    silenceMs: 20_000,
    suspendedDisplay: 'BLANK',
    enabled: true,
  },
});

/** The receipts that the control plane would get. */
function listen(redis: URL, prefix: string) {
  const receipts: Receipt[] = [];
  const heartbeats: Heartbeat[] = [];
  const implementations = [
    implementTask(receiptTask, ({ payload: receipt }) => Promise.resolve(void receipts.push(receipt))),
    implementTask(heartbeatTask, ({ payload: heartbeat }) => Promise.resolve(void heartbeats.push(heartbeat))),
  ];
  const worker = startWorker(RECEIPTS_QUEUE, implementations, {
    connection: workerConnection(redis),
    prefix,
    concurrency: 1,
    onError: () => undefined,
  });
  return { receipts, heartbeats, close: () => worker.close() };
}

describe('the odds service, killed while it takes over config', () => {
  const place = redisPrefix();
  let database: ThrowawayDatabase;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let publisher: TestPublisher;
  let heard: ReturnType<typeof listen>;
  let odds: TestApp;

  beforeEach(async () => {
    [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
    const source = createOddsDataSource(database.url, 2);
    await source.initialize();
    await migrateOdds(source);
    await source.destroy();
    publisher = new TestPublisher(place.url, place.prefix);
    heard = listen(place.url, place.prefix);
    const env = {
      DATABASE_URL: database.url.href,
      REDIS_URL: place.url.href,
      REDIS_PREFIX: place.prefix,
      ODDS_STATE_DIR: directory.path,
      ODDS_INSTANCE: INSTANCE,
      ODDS_LEASE_MS: '500',
      ODDS_POLL_MS: '200',
    };
    odds = await startApp('odds', env, { ready: false });
  }, CASE_MS);
  afterEach(async () => {
    await odds.dispose();
    await heard.close();
    publisher.close();
    await place.clear();
    await Promise.all([database.drop(), directory.remove()]);
  }, CASE_MS);

  interface Standing {
    readonly checks: {
      readonly feeds: { readonly running: readonly string[] };
      readonly config: { readonly seq?: number };
    };
  }

  async function standing(): Promise<[readonly string[], number | undefined]> {
    const { checks }: Standing = JSON.parse(await (await fetch(`${odds.app.operationsUrl}/readyz`)).text());
    return [[...checks.feeds.running].sort(), checks.config.seq];
  }

  const receiptsOf = (seq: number): Receipt[] =>
    heard.receipts.filter((receipt) => receipt.instance === INSTANCE && receipt.seq === seq);
  const standsAt = (seq: number): boolean =>
    heard.heartbeats.some(
      ({ instance, environments }) =>
        instance === INSTANCE && environments.some((one) => one.seq === seq && one.stateHash === publisher.stateHash),
    );

  test(
    'at each of its steps: every release is in force once it runs again, and acknowledged, once',
    async () => {
      const published: string[] = [];
      for (const point of ['before-apply', 'after-apply', 'while-writing', 'before-receipt']) {
        await publisher.publish([feed(point)]);
        published.push(point);
        const { seq } = publisher;
        await odds.app.start({ env: { PADDOCK_CRASH: `config:${point}` } }).catch(() => undefined);
        await until(() => !odds.app.running, { timeoutMs: 30_000, what: `a death at ${point}` });
        expect(await odds.app.exit).toMatchObject({ signal: 'SIGKILL' });
        expect([point, receiptsOf(seq)]).toEqual([point, []]);

        await odds.app.start();
        await until(async () => (await standing())[0].length === published.length, {
          timeoutMs: 30_000,
          what: `the feeds of ${point}`,
        });
        expect(await standing()).toEqual([[...published].sort(), seq]);
        // What was on disk already is not applied again: the standing that every heartbeat repeats acknowledges it.
        const isOnDisk = point === 'before-receipt';
        await until(() => (isOnDisk ? standsAt(seq) : receiptsOf(seq).length > 0), {
          timeoutMs: 30_000,
          what: `an acknowledgement of ${point}`,
        });
        await odds.app.stop();
        expect(receiptsOf(seq).map(({ state, stateHash }) => [point, state, stateHash])).toEqual(
          isOnDisk ? [] : [[point, 'APPLIED', publisher.stateHash]],
        );
      }
      // What was on disk was whole each time.
      expect(await odds.output()).not.toContain('cannot be used');
    },
    CASE_MS,
  );
});
