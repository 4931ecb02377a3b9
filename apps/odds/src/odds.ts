import type { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { ODDS_CHANGES, ODDS_QUARANTINE, type QuarantinedMessage } from '@paddock/contracts';
import { connectRedisEventLog, type EventLog, type LogRecord } from '@paddock/eventlog';
import type { LiveConfig } from '@paddock/live-config';
import { noteBroadPowers } from '@paddock/migrations';
import { AddressPolicy, OutboundClient } from '@paddock/outbound';
import { createMetrics, Health, type Logger, type Registry } from '@paddock/runtime';
import { failFastConnection } from '@paddock/tasks';
import { followFeeds } from './config/configured-feeds.js';
import { createFeed, type FeedParts } from './feeds/create-feed.js';
import { readFeeds } from './feeds/feed-config.js';
import { type ChosenFeed, FeedRunner } from './feeds/feed-runner.js';
import { DEFAULT_LIMITS, type FeedLimits } from './markets/feed-watch.js';
import { MARKET_STATE_GROUP, MarketState } from './markets/market-state.js';
import { oddsMetrics } from './metrics.js';
import type { OddsSettings } from './settings.js';
import { BookCache } from './storage/book-cache.js';
import { compactPrices } from './storage/compact-prices.js';
import { createOddsDataSource } from './storage/data-source.js';
import { MarketStore } from './storage/market-store.js';
import { assertMigrated } from './storage/migrate.js';

const COMPACT_EVERY_MS = 600_000;

/** The odds service without its HTTP side: feeds in, market state out. */
export class Odds {
  readonly health = new Health();
  readonly metrics: Registry = createMetrics('odds');
  private readonly counters = oddsMetrics(this.metrics);
  private readonly state: MarketState;
  private readonly runner: FeedRunner;
  private readonly compaction: NodeJS.Timeout;
  private limits: ReadonlyMap<string, FeedLimits> = new Map();
  private config: LiveConfig | undefined;
  private outbound: OutboundClient | undefined;

  private constructor(
    private readonly log: EventLog,
    private readonly redis: Redis,
    private readonly source: DataSource,
    private readonly logger: Logger,
    private readonly settings: OddsSettings,
  ) {
    this.state = new MarketState({
      log,
      logger,
      leaseMs: settings.leaseMs,
      store: new MarketStore(source),
      cache: new BookCache(redis, settings.redis.prefix),
      limitsOf: (feed) => this.limits.get(feed) ?? DEFAULT_LIMITS,
      unusable: (record, reason) => this.setAside(record, reason),
      onWritten: (updates) => updates.forEach(({ type }) => this.counters.updates.inc({ type })),
      now: () => Date.now(),
    });
    this.runner = new FeedRunner({
      log,
      logger,
      leaseMs: settings.leaseMs,
      onQuarantine: (feed) => this.counters.quarantined.inc({ feed }),
    });
    this.compaction = setInterval(() => void this.compact(), COMPACT_EVERY_MS);
    this.watch();
  }

  /** Opens everything and begins. @throws PendingMigrations, InvalidFeeds */
  static async start(settings: OddsSettings, logger: Logger): Promise<Odds> {
    const onError = outageLogger(logger, 'redis');
    const source = createOddsDataSource(settings.database.url, settings.database.poolSize);
    await source.initialize();
    await assertMigrated(source);
    await noteBroadPowers(source, logger);
    const log = await connectRedisEventLog({ ...settings.redis, onError });
    const odds = new Odds(log, failFastConnection(settings.redis.url, onError), source, logger, settings);
    await (settings.feedsFile ? odds.runFeedsOf(settings.feedsFile) : odds.followConfig());
    return odds;
  }

  async close(): Promise<void> {
    clearInterval(this.compaction);
    await this.config?.close();
    await this.runner.close();
    this.outbound?.close();
    await this.state.stop();
    await this.log.close();
    this.redis.disconnect();
    await this.source.destroy();
  }

  /** Runs the feeds of a file and ignores live config. */
  private async runFeedsOf(file: string): Promise<void> {
    // The operator wrote the file, so its feeds are not limited to the destinations that config may name.
    const parts = this.feedParts(AddressPolicy.forOperators());
    const feeds = await Promise.all((await readFeeds(file)).map((config) => createFeed(config, parts)));
    this.run(
      feeds.map((feed) => ({ feed, version: file })),
      new Map(feeds.flatMap((feed) => feed.keys.map((key) => [key, feed.limits] as const))),
    );
  }

  private async followConfig(): Promise<void> {
    const parts = this.feedParts(this.settings.policy);
    this.config = await followFeeds(this.settings, this.logger, {
      create: (config) => createFeed(config, parts),
      run: (feeds, limits) => this.run(feeds, limits),
    });
  }

  private feedParts(policy: AddressPolicy): FeedParts {
    const { log, logger } = this;
    this.outbound = new OutboundClient({ policy });
    return { log, logger, outbound: this.outbound };
  }

  private run(feeds: readonly ChosenFeed[], limits: ReadonlyMap<string, FeedLimits>): void {
    this.limits = limits;
    this.runner
      .become(feeds)
      .catch((error: unknown) => this.logger.error({ err: error }, 'feeds could not be changed'));
  }

  private watch(): void {
    this.health.register('log', async () => ({ ok: true, lag: await this.log.lag(ODDS_CHANGES, MARKET_STATE_GROUP) }));
    this.health.register('markets', () => {
      const { trouble, shards } = this.state;
      // MySQL and the cache may be unreachable for a while: prices are not delivered from them.
      return { ok: !trouble.includes('input') && !trouble.includes('log'), trouble, shards };
    });
    this.health.register('feeds', () => ({
      ok: true,
      running: this.runner.keys,
      down: [...new Set(this.state.shards.flatMap(({ down }) => down))],
    }));
    this.health.register('config', () => ({
      ok: true,
      environment: this.settings.environment,
      ...this.config?.standing,
    }));
    this.counters.observe(() => this.state.shards);
  }

  private async compact(): Promise<void> {
    try {
      const hours = await compactPrices(this.source, Date.now());
      if (hours > 0) this.logger.info({ hours }, 'price history compacted');
    } catch (error) {
      this.logger.warn({ err: error }, 'price history could not be compacted, trying again later');
    }
  }

  private setAside({ key, value, appendedAt }: LogRecord, reason: string): void {
    const entry: QuarantinedMessage = {
      feed: 'log',
      reason,
      message: value.toString('utf8', 0, 64 * 1024),
      at: appendedAt,
    };
    this.counters.quarantined.inc({ feed: 'log' });
    this.log.append(ODDS_QUARANTINE, [{ key, value: JSON.stringify(entry) }]).catch((error: unknown) => {
      this.logger.error({ err: error, reason }, 'record could not be set aside');
    });
  }
}

/** Connections report every failed attempt: the log shows one line a minute. */
function outageLogger(logger: Logger, what: string): (error: Error) => void {
  let saidAt = -Infinity;
  return (error) => {
    if (performance.now() - saidAt < 60_000) return;
    saidAt = performance.now();
    logger.warn({ err: error }, `${what} cannot be reached`);
  };
}
