import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { connectRedisEventLog } from '@paddock/eventlog';
import { buckets } from '@paddock/metrics';
import {
  isHazardRun,
  redisPrefix,
  type RedisPrefix,
  seededRandom,
  startApp,
  temporaryDirectory,
  type TestApp,
  until,
} from '@paddock/testing';
import { Analytics } from '../analytics.js';
import { parseDefinitions } from '../definitions/definitions-file.js';
import { readSeries } from '../queries/series.js';
import { EVENTS_TOPIC, STORE_GROUP } from '../log/topic.js';
import { openEngine } from '../store/engine.js';
import { contract } from '../testing/test-analytics.js';

const MINUTE = 60_000;
const STEPS = [
  'analytics.collected',
  'analytics.logged',
  'analytics.announced',
  'analytics.stored',
  'analytics.before-acknowledgement',
];
const definitions = JSON.stringify({
  events: [
    contract(
      'bet',
      { user: 'string', visitor: 'string', amount: 'number' },
      { time: { outOfOrder: '1s' }, fields: { id: 'id', time: 'at', user: 'user', anonymous: 'visitor' } },
    ),
  ],
  metrics: {
    bets: { title: 'Bets', simple: { event: 'bet', agg: 'count' } },
    stake: { title: 'Stake', simple: { event: 'bet', agg: 'sum', expr: 'amount' } },
    players: { title: 'Players', simple: { event: 'bet', agg: 'count_distinct', expr: '$user' } },
  },
});

/**
 * The process is killed with -9 at every step of an event's path, and at random, under load. No event is lost or
 * doubled.
 */
describe('analytics, killed', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let redis: RedisPrefix;
  let analytics: TestApp;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    redis = redisPrefix();
    await writeFile(join(directory.path, 'definitions.json'), definitions);
    const env = {
      REDIS_URL: redis.url.href,
      REDIS_PREFIX: redis.prefix,
      ANALYTICS_ANONYMOUS: 'true',
      ANALYTICS_LEASE_MS: '500',
      ANALYTICS_STORE_DIR: join(directory.path, 'store'),
      ANALYTICS_DEFINITIONS: join(directory.path, 'definitions.json'),
    };
    analytics = await startApp('analytics', env, { ready: false });
  });
  afterEach(async () => {
    await analytics.dispose();
    await redis.clear();
    await directory.remove();
  });

  /** Sends until it is answered, as a real sender does; restarts the process when it is gone. */
  async function sendUntilTaken(events: object[]): Promise<void> {
    await until(
      async () => {
        if (!analytics.app.running) await analytics.app.start();
        const answer = await fetch(`${analytics.app.url}/v1/events`, {
          method: 'POST',
          body: JSON.stringify(events),
        }).catch(() => undefined);
        return answer?.status === 202;
      },
      { timeoutMs: 60_000, what: 'events taken' },
    );
  }

  it('while links of identities are taken in: visitors before and after sign-in are one', async () => {
    const begin = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
    const at = new Date(begin).toISOString();
    const visit = (id: string, ids: object) => ({ event: 'bet', id, at, amount: 1, ...ids });
    await analytics.app.kill9();
    await analytics.app.start({ env: { PADDOCK_CRASH: 'analytics.regrouped' } });
    const crashed = analytics.app.exit;
    const people = Array.from({ length: 20 }, (_, index) => index);
    await sendUntilTaken(people.map((index) => visit(`before-${index}`, { visitor: `v${index}` })));
    await sendUntilTaken(people.map((index) => visit(`after-${index}`, { user: `u${index}`, visitor: `v${index}` })));
    expect(await crashed).toEqual({ code: null, signal: 'SIGKILL' });
    const sent = people.flatMap((index) => [
      { at, user: `u${index}`, amount: 1 },
      { at, user: `u${index}`, amount: 1 },
    ]);
    await expectBatch(begin, sent, 0);
  }, 120_000);

  it('at each step and at random: every event counts exactly once', async () => {
    const random = seededRandom();
    const begin = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
    const sent: { id: string; at: string; user: string; amount: number }[] = [];
    const batch = (): object[] => {
      const events = Array.from({ length: random.integer(50, 200) }, () => ({
        event: 'bet',
        id: `e${sent.length}-${random.next()}`,
        at: new Date(begin + random.integer(0, 10 * MINUTE - 1)).toISOString(),
        user: `u${random.integer(0, 49)}`,
        amount: random.integer(1, 10_000) / 100,
      }));
      sent.push(...events);
      return events;
    };
    for (const step of STEPS) {
      await analytics.app.kill9();
      // What the crash before left unacknowledged comes again at once, so it may die while it starts.
      const started = analytics.app.start({ env: { PADDOCK_CRASH: step } });
      await started.catch(() => undefined);
      const crashed = analytics.app.exit;
      await sendUntilTaken(batch());
      expect({ step, ...(await crashed) }).toEqual({ step, code: null, signal: 'SIGKILL' });
    }
    for (let kill = 0; kill < (isHazardRun() ? 20 : 3); kill += 1) {
      if (!analytics.app.running) await analytics.app.start();
      const death = setTimeout(() => void analytics.app.kill9(), random.integer(0, 300));
      await sendUntilTaken(batch());
      await sendUntilTaken(batch());
      clearTimeout(death);
    }
    await analytics.app.kill9();
    await expectBatch(begin, sent, random.seed);
  }, 240_000);

  it('at each step, while clients send everything again with other times: every id counts exactly once', async () => {
    const random = seededRandom();
    const begin = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
    const someTime = (): string => new Date(begin + random.integer(0, 10 * MINUTE - 1)).toISOString();
    const sent: { event: string; id: string; at: string; user: string; amount: number }[] = [];
    for (const step of STEPS) {
      sent.push(
        ...Array.from({ length: 100 }, () => ({
          event: 'bet',
          id: `e${random.next()}`,
          at: someTime(),
          user: `u${random.integer(0, 49)}`,
          amount: random.integer(1, 10_000) / 100,
        })),
      );
      await analytics.app.kill9();
      await analytics.app.start({ env: { PADDOCK_CRASH: step } }).catch(() => undefined);
      const crashed = analytics.app.exit;
      // Each event occurs twice in one request, and the request is repeated until it is accepted.
      await sendUntilTaken([...sent, ...sent.map((one) => ({ ...one, at: someTime() }))]);
      expect({ step, ...(await crashed) }).toEqual({ step, code: null, signal: 'SIGKILL' });
      await sendUntilTaken(sent.map((one) => ({ ...one, at: someTime() })));
    }
    await analytics.app.kill9();
    await withReopened(async (reopened) => {
      const intervals = buckets(begin, begin + 10 * MINUTE, 'minute', 'UTC');
      const total = async (metric: string) =>
        (await readSeries(reopened.context, { metric, intervals, timeZone: 'UTC' })).rows[0]?.values.reduce(
          (sum, value) => sum + Math.round((value?.toNumber() ?? 0) * 100),
          0,
        );
      expect({ seed: random.seed, bets: await total('bets'), stake: await total('stake') }).toEqual({
        seed: random.seed,
        bets: 100 * sent.length,
        stake: sent.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0),
      });
    });
  }, 240_000);

  async function withReopened(use: (reopened: Analytics) => Promise<void>): Promise<void> {
    const log = await connectRedisEventLog({
      url: redis.url,
      prefix: `${redis.prefix}:log:`,
      onError: () => undefined,
    });
    const engine = await openEngine({ directory: join(directory.path, 'store') });
    const reopened = await Analytics.open({
      log,
      engine,
      logger: pino({ level: 'fatal' }),
      limits: { maxBodyBytes: 1, maxEvents: 1, maxBufferedBytes: 1 },
    });
    await reopened.apply(parseDefinitions(definitions));
    await reopened.start();
    try {
      await until(async () => (await log.lag(EVENTS_TOPIC, STORE_GROUP)).every((waiting) => waiting === 0), {
        timeoutMs: 60_000,
        what: 'the log read to its end',
      });
      await use(reopened);
    } finally {
      await reopened.close();
      await log.close();
    }
  }

  async function expectBatch(
    begin: number,
    sent: readonly { at: string; user: string; amount: number }[],
    seed: number,
  ): Promise<void> {
    await withReopened(async (reopened) => {
      const intervals = buckets(begin, begin + 10 * MINUTE, 'minute', 'UTC');
      const of = (minute: number) => sent.filter(({ at }) => Math.floor((Date.parse(at) - begin) / MINUTE) === minute);
      const values = async (metric: string) =>
        (await readSeries(reopened.context, { metric, intervals, timeZone: 'UTC' })).rows[0]?.values.map(
          (value) => value?.toNumber() ?? 0,
        );
      await until(
        async () =>
          (await reopened.store.engine.select('SELECT count() AS n FROM raw_bet FINAL'))[0]?.['n'] ===
          String(sent.length),
        { timeoutMs: 60_000, what: `${sent.length} events stored (seed ${seed})` },
      );
      await until(() => reopened.rollups.caughtUp(reopened.metrics.current('bets')?.rollup ?? ''), {
        timeoutMs: 60_000,
        what: 'rollups caught up',
      });
      expect({ seed, bets: await values('bets') }).toEqual({
        seed,
        bets: intervals.map((_, minute) => of(minute).length),
      });
      expect({ seed, stake: await values('stake') }).toEqual({
        seed,
        stake: intervals.map(
          (_, minute) => of(minute).reduce((sum, { amount }) => sum + Math.round(amount * 100), 0) / 100,
        ),
      });
      expect({ seed, players: await values('players') }).toEqual({
        seed,
        players: intervals.map((_, minute) => new Set(of(minute).map(({ user }) => user)).size),
      });
    });
  }
});
