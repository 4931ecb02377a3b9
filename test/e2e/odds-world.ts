import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type MarketChange, ODDS_CHANGES } from '@paddock/contracts';
import { connectRedisEventLog, type EventLog } from '@paddock/eventlog';
import type { AppProcess, PrivateRedis } from '@paddock/processes';
import {
  clientKey,
  createDatabase,
  type Random,
  startApp,
  startPrivateRedis,
  temporaryDirectory,
  TestPublisher,
  until,
} from '@paddock/testing';
import { LiveReader, type LiveReaderOptions } from './live-reader.js';
import { heldBy, MarketLog } from './market-log.js';

const KEY = 'live-key';
const CLK_SECRET = 'signs what live readers keep';
const PREFIX = 'live';
/** Fast enough that a kill meets a decision, slow enough for a busy machine. */
const ROUND_MS = 10;

const MARKETS = Array.from({ length: 8 }, (_, number) => `f:e${number}/1`);

/** The odds service, an edge, and readers of it, over a Redis of their own; a feed that says what the test makes up. */
export class OddsWorld {
  private readers: LiveReader[] = [];
  private round = 0;

  private constructor(
    private readonly random: Random,
    /** Of each market; each has a new price in every round. */
    private readonly runners: number,
    readonly redis: PrivateRedis,
    readonly odds: AppProcess,
    readonly edge: AppProcess,
    private readonly log: EventLog,
    private readonly endings: readonly (() => unknown)[],
  ) {}

  static async start(random: Random, { runners = 2 } = {}): Promise<OddsWorld> {
    const [redis, database, directory] = await Promise.all([
      startPrivateRedis(),
      createDatabase(),
      temporaryDirectory(),
    ]);
    const url = new URL(redis.server.url);
    const endings: (() => unknown)[] = [() => redis.dispose(), () => database.drop(), () => directory.remove()];
    const feeds = join(directory.path, 'feeds.json');
    await writeFile(feeds, JSON.stringify([{ type: 'uof', key: 'quiet', producers: [1] }]));
    const publisher = new TestPublisher(url, PREFIX);
    endings.push(() => publisher.close());
    await publisher.settings({
      clientKeys: [clientKey(KEY, { site: 'acme-uk', jurisdiction: 'GB', scopes: ['read'] })],
    });
    await publisher.publish([]);
    const shared = { REDIS_URL: url.href, REDIS_PREFIX: PREFIX };
    const env = { ...shared, DATABASE_URL: database.url.href, ODDS_FEEDS_FILE: feeds, ODDS_LEASE_MS: '800' };
    await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env });
    const edgeEnv = {
      ...shared,
      EDGE_STATE_DIR: join(directory.path, 'edge'),
      EDGE_CLK_SECRET: CLK_SECRET,
      EDGE_ODDS_SILENCE_MS: '2000',
      EDGE_POLL_MS: '200',
    };
    const [odds, edge] = await Promise.all([startApp('odds', env), startApp('edge', edgeEnv)]);
    endings.push(
      () => odds.dispose(),
      () => edge.dispose(),
    );
    const log = await connectRedisEventLog({ url, prefix: PREFIX, onError: () => undefined });
    endings.push(() => log.close());
    await until(async () => (await fetch(`${edge.app.url}/v2/markets?clientKey=${KEY}`)).ok, {
      timeoutMs: 30_000,
      what: 'an edge that has read the markets',
    });
    return new OddsWorld(random, runners, redis.server, odds.app, edge.app, log, endings);
  }

  async reader(options: Pick<LiveReaderOptions, 'transport' | 'conflateMs'>): Promise<LiveReader> {
    const reader = await LiveReader.open({ ...options, edge: this.edge.url, key: KEY, clkSecret: CLK_SECRET });
    this.readers.push(reader);
    return reader;
  }

  /** Where a client of this world connects, and with which key. */
  get address(): { readonly edge: string; readonly key: string } {
    return { edge: this.edge.url, key: KEY };
  }

  /** Disconnects all readers. */
  hangUp(): void {
    for (const reader of this.readers) reader.drop();
    this.readers = [];
  }

  /** Writes an update of every market; some are suspended for a while. Waits while Redis is unreachable. */
  async say(status?: 'OPEN'): Promise<void> {
    this.round += 1;
    const at = Date.now();
    const ids = Array.from({ length: this.runners }, (_, index) => index + 1);
    const changes = MARKETS.map((market): MarketChange => {
      const definition = {
        event: market.slice(0, -2),
        sport: 'football',
        type: 'MATCH_ODDS',
        runners: ids.map((id) => ({ id })),
      };
      const runners = ids.map((id) => ({ id, p: id === 2 ? 90_000 - this.round : 2_000 + this.round }));
      return {
        type: 'market',
        source: { feed: 'f', pt: at },
        at,
        market,
        event: definition.event,
        definition,
        status: status ?? (this.random.integer(1, 10) === 1 ? 'SUSPENDED' : 'OPEN'),
        runners,
      };
    });
    await until(
      () =>
        this.log.append(
          ODDS_CHANGES,
          changes.map((change) => ({ key: change.event, value: JSON.stringify(change) })),
        ),
      { timeoutMs: 30_000, what: 'a log that takes changes' },
    );
  }

  /** Writes updates until it is stopped. */
  talk(): () => Promise<void> {
    let talking = true;
    const talk = async (): Promise<void> => {
      while (talking) {
        await this.say();
        await delay(ROUND_MS);
      }
    };
    const talked = talk();
    return () => {
      talking = false;
      return talked;
    };
  }

  /** So many more rounds have reached the log since this was called. */
  async pass(rounds: number): Promise<void> {
    const goal = this.round + rounds;
    await until(() => this.round >= goal, { timeoutMs: 30_000, what: `${rounds} more rounds` });
  }

  /** Says the last word, and waits until the log has decided it and every reader holds exactly what the log says. */
  async settle(): Promise<MarketLog> {
    await this.say('OPEN');
    const last = 2_000 + this.round;
    const log = await until(
      async () => {
        const read = await MarketLog.read(this.log);
        return MARKETS.every((market) => read.books.get(market)?.runners['1']?.p === last) && read;
      },
      { timeoutMs: 30_000, everyMs: 100, what: 'the last word in the log' },
    );
    await until(
      () => {
        const behind = this.readers.find(({ client }) => heldBy(client) !== log.expected);
        if (behind) throw new Error(`${behind.name} holds ${heldBy(behind.client)}, the log says ${log.expected}`);
        return true;
      },
      { timeoutMs: 30_000, what: 'readers that hold what the log says' },
    );
    return log;
  }

  async dispose(): Promise<void> {
    this.hangUp();
    for (const end of this.endings.toReversed()) await end();
  }
}
