import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import {
  type MarketBook,
  ODDS_CHANGES,
  ODDS_MARKETS,
  type OddsChange,
  type OddsUpdate,
  parseOddsUpdate,
} from '@paddock/contracts';
import { connectRedisEventLog, type EventLog, readAll } from '@paddock/eventlog';
import { createLogger } from '@paddock/runtime';
import { createDatabase, redisPrefix } from '@paddock/testing';
import { DEFAULT_LIMITS, type FeedLimits } from '../markets/feed-watch.js';
import { MarketState, type MarketStateOptions } from '../markets/market-state.js';
import { BookCache } from '../storage/book-cache.js';
import { createOddsDataSource } from '../storage/data-source.js';
import { MarketStore } from '../storage/market-store.js';

/** A real database, a real log, and market-state services on them. */
export interface MarketStateRig {
  readonly log: EventLog;
  readonly source: DataSource;
  readonly store: MarketStore;
  readonly redis: Redis;
  readonly prefix: string;
  start(options?: { limits?: FeedLimits; more?: Partial<MarketStateOptions> }): MarketState;
  append(...changes: OddsChange[]): Promise<void>;
  /** Everything in the log, partition by partition. */
  updates(): Promise<OddsUpdate[]>;
  book(id: string): Promise<MarketBook | undefined>;
  dispose(): Promise<void>;
}

/** The partition of a feed record is every partition, that of all others their event's. */
export async function marketStateRig(redisUrl?: URL): Promise<MarketStateRig> {
  const place = redisUrl ? { url: redisUrl, prefix: 'test', clear: () => Promise.resolve() } : redisPrefix();
  const database = await createDatabase();
  const source = createOddsDataSource(database.url, 4);
  await source.initialize();
  await source.runMigrations();
  const log = await connectRedisEventLog({ ...place, onError: () => undefined });
  const redis = new Redis(place.url.href);
  redis.on('error', () => undefined);
  const store = new MarketStore(source);
  const running = new Set<MarketState>();
  const updates = async (): Promise<OddsUpdate[]> => {
    return (await readAll(log, ODDS_MARKETS)).flat().flatMap(({ value }) => parseOddsUpdate(value.toString()) ?? []);
  };
  return {
    log,
    source,
    store,
    redis,
    prefix: place.prefix,
    start({ limits = DEFAULT_LIMITS, more = {} } = {}) {
      const state = new MarketState({
        log,
        store,
        cache: new BookCache(redis, place.prefix),
        limitsOf: () => limits,
        unusable: () => undefined,
        now: () => Date.now(),
        logger: createLogger('test', 'silent'),
        leaseMs: 3_000,
        ...more,
      });
      running.add(state);
      return state;
    },
    async append(...changes) {
      const records = changes.flatMap((change) => {
        const value = JSON.stringify(change);
        if ('event' in change) return [{ key: change.event, value }];
        return Array.from({ length: ODDS_CHANGES.partitions }, (_, partition) => ({
          key: change.source.feed,
          value,
          partition,
        }));
      });
      await log.append(ODDS_CHANGES, records);
    },
    updates,
    async book(id) {
      const [book] = await store.find([id]);
      return book;
    },
    async dispose() {
      await Promise.all([...running].map((state) => state.stop()));
      await log.close();
      redis.disconnect();
      await source.destroy();
      await database.drop();
      await place.clear();
    },
  };
}
