import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createConnection } from 'mysql2/promise';
import {
  applyMarketUpdate,
  type MarketBook,
  type MarketUpdate,
  ODDS_CHANGES,
  ODDS_MARKETS,
  type OddsUpdate,
  parseOddsUpdate,
} from '@paddock/contracts';
import { connectRedisEventLog, type EventLog, readAll } from '@paddock/eventlog';
import {
  createDatabase,
  redisPrefix,
  seededRandom,
  startApp,
  temporaryDirectory,
  type TestApp,
  type ThrowawayDatabase,
  until,
} from '@paddock/testing';

const MARKETS = Array.from({ length: 12 }, (_, number) => `f:e${number}/1`);
const LEASE_MS = 800;
/** Said to be from the future, or what waits while a process starts on a busy machine would come too late to be believed. */
const AHEAD_MS = 3_600_000;

describe('the odds service, killed', () => {
  const random = seededRandom();
  const place = redisPrefix();
  let database: ThrowawayDatabase;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let log: EventLog;
  let env: Record<string, string>;
  let apps: TestApp[];
  let prices: Map<string, number[]>;
  let alive: NodeJS.Timeout;

  beforeEach(async () => {
    [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
    log = await connectRedisEventLog({ ...place, onError: () => undefined });
    // A feed that has nothing to say: what is said comes from this test alone.
    const feeds = join(directory.path, 'feeds.json');
    await writeFile(feeds, JSON.stringify([{ type: 'uof', key: 'quiet', producers: [1] }]));
    env = {
      DATABASE_URL: database.url.href,
      REDIS_URL: place.url.href,
      REDIS_PREFIX: place.prefix,
      ODDS_FEEDS_FILE: feeds,
      ODDS_LEASE_MS: String(LEASE_MS),
    };
    await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env });
    apps = [];
    prices = new Map(MARKETS.map((market) => [market, []]));
    // A feed that falls silent has its markets suspended, however long a test has to wait.
    alive = setInterval(() => void sayAlive().catch(() => undefined), 1_000);
  });
  afterEach(async () => {
    clearInterval(alive);
    await Promise.all(apps.map((app) => app.dispose()));
    await log.close();
    await place.clear();
    await Promise.all([database.drop(), directory.remove()]);
  });

  async function start(more: Record<string, string> = {}): Promise<TestApp> {
    const app = await startApp('odds', { ...env, ...more });
    apps.push(app);
    return app;
  }

  async function sayAlive(): Promise<void> {
    const value = JSON.stringify({
      type: 'feed_alive',
      source: { feed: 'f', pt: Date.now() },
      at: Date.now() + AHEAD_MS,
    });
    await log.append(
      ODDS_CHANGES,
      Array.from({ length: ODDS_CHANGES.partitions }, (_, partition) => ({ key: 'f', value, partition })),
    );
  }

  /** One new price for every market; no price comes twice, so every change must be seen exactly once. */
  async function say(): Promise<void> {
    const at = Date.now();
    const changes = MARKETS.map((market) => {
      const said = prices.get(market) ?? [];
      said.push(2_000 + said.length);
      return {
        type: 'market',
        source: { feed: 'f', pt: at },
        at: at + AHEAD_MS,
        market,
        event: market.slice(0, -2),
        status: 'OPEN',
        runners: [{ id: 1, p: said.at(-1) }],
      };
    });
    await log.append(
      ODDS_CHANGES,
      changes.map((change) => ({ key: change.event, value: JSON.stringify(change) })),
    );
  }

  async function updates(): Promise<OddsUpdate[][]> {
    return (await readAll(log, ODDS_MARKETS)).map((records) =>
      records.flatMap(({ value }) => parseOddsUpdate(value.toString()) ?? []),
    );
  }

  /** The log as a reader takes it: what it has already is a repetition. Fails on a gap. */
  function taken(partition: readonly OddsUpdate[]): OddsUpdate[] {
    let seq = 0;
    return partition.filter((update) => {
      if (update.seq <= seq) return false;
      expect(update.seq).toBe(seq + 1);
      seq = update.seq;
      return true;
    });
  }

  async function expectEverythingOnce(): Promise<void> {
    const ofMarket = await until(
      async () => {
        const market = (await updates())
          .flatMap(taken)
          .filter((update): update is MarketUpdate => update.type === 'market');
        const seen = Map.groupBy(market, ({ id }) => id);
        return MARKETS.every((id) => seen.get(id)?.at(-1)?.r?.[0]?.p === prices.get(id)?.at(-1)) && seen;
      },
      // Each look reads the whole log: seldom, or looking is what keeps the machine busy.
      { timeoutMs: 90_000, everyMs: 200, what: `the newest prices in the log (seed ${random.seed})` },
    );
    const books = new Map<string, MarketBook>();
    for (const id of MARKETS) {
      const said = ofMarket.get(id) ?? [];
      expect(said.flatMap(({ r }) => (r ?? []).map(({ p }) => p))).toEqual(prices.get(id));
      expect(said.map(({ v }) => v)).toEqual(said.map((_, at) => at + 1));
      for (const update of said) {
        const book = applyMarketUpdate(books.get(id), update);
        if (book) books.set(id, book);
      }
    }
    const connection = await createConnection(database.url.href);
    try {
      await until(
        async () => {
          const [rows] = await connection.query('SELECT `id`, `book` FROM `odds_market`');
          const stored = new Map(
            (Array.isArray(rows) ? rows : []).flatMap((row) => ('id' in row ? [[row['id'], row['book']]] : [])),
          );
          return MARKETS.every((id) => stored.get(id) === JSON.stringify(books.get(id)));
        },
        { what: 'the same books in MySQL' },
      );
    } finally {
      await connection.end();
    }
  }

  test.each(['markets-before-append', 'markets-after-append', 'markets-after-save'])(
    'at %s: nothing is lost, nothing is decided twice',
    async (point) => {
      const doomed = await start();
      await say();
      await until(async () => (await updates()).flat().length >= MARKETS.length);
      await doomed.app.kill9();
      await say();
      await doomed.app.start({ env: { PADDOCK_CRASH: point } }).catch(() => undefined);
      await say();
      await until(() => !doomed.app.running, { what: `a death at ${point}` });
      await say();
      await doomed.app.start();
      await say();
      await expectEverythingOnce();
    },
  );

  test('again and again, at any moment', async () => {
    const { app } = await start();
    for (let kill = 0; kill < 4; kill += 1) {
      // Faster than it can decide, so that the kill meets it somewhere in its work; few enough to be decided in time.
      for (let rounds = random.integer(20, 200); rounds > 0; rounds -= 1) await say();
      await app.kill9();
      await say();
      await app.start();
    }
    await say();
    await expectEverythingOnce();
  });

  test('while another process stands by: the standby takes over within a lease', async () => {
    const first = await start();
    await start();
    for (let round = 0; round < 20; round += 1) await say();
    await first.app.kill9();
    const killed = performance.now();
    await say();
    await expectEverythingOnce();
    expect(performance.now() - killed).toBeLessThan(10 * LEASE_MS);
  });

  test('and paused for longer than its lease: what it still wants to write is refused', async () => {
    const first = await start();
    await start();
    await say();
    first.app.pause();
    for (let round = 0; round < 10; round += 1) await say();
    await until(async () => (await updates()).flatMap(taken).length >= 11 * MARKETS.length, {
      timeoutMs: 90_000,
      everyMs: 100,
    });
    first.app.resume();
    await say();
    await expectEverythingOnce();
  });

  test('ends with 0 when it is asked to, within five seconds', async () => {
    const { app } = await start();
    await say();
    const asked = performance.now();
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(5_000);
  });
});
