import type { Redis } from 'ioredis';
import { ODDS_MARKETS } from '@paddock/contracts';
import { connectRedisEventLog, type EventLog } from '@paddock/eventlog';
import { Gauge, type Logger, type Registry } from '@paddock/runtime';
import { ClientRequests } from '@paddock/traffic';
import type { Environments } from '../state/environments.js';
import { ClkCodec } from './clk.js';
import { SYSTEM_CLOCK } from './clock.js';
import { EventSnapshots } from './event-snapshots.js';
import { LegacyMarketRoutes } from './legacy-routes.js';
import { MarketAccess } from './market-access.js';
import { MarketFollower } from './market-follower.js';
import { MarketHub } from './market-hub.js';
import { MarketShard } from './market-shard.js';
import { Markets } from './markets.js';
import { MarketStreams } from './market-streams.js';

/** The collaborators of an edge's markets. */
export interface MarketEdgeOptions {
  readonly environments: Environments;
  readonly redis: { readonly url: URL; readonly prefix: string };
  /** For snapshots. */
  readonly reader: Redis;
  readonly clkSecret: string;
  readonly silenceMs: number;
  readonly maxStreams: number;
  /** When the old routes end. */
  readonly legacySunsetAt: Date;
  readonly metrics: Registry;
  readonly logger: Logger;
}

/** Everything about markets at an edge, put together. */
export class MarketEdge {
  readonly markets: Markets;
  readonly streams: MarketStreams;
  readonly snapshots: EventSnapshots;
  readonly legacy: LegacyMarketRoutes;
  private readonly shards = Array.from(
    { length: ODDS_MARKETS.partitions },
    (_, partition) => new MarketShard(partition),
  );
  private log: EventLog | undefined;
  private follower: MarketFollower | undefined;
  private starting: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: MarketEdgeOptions) {
    const { environments, clkSecret, silenceMs, maxStreams, metrics, reader, redis, logger, legacySunsetAt } = options;
    const hub = new MarketHub({ clock: SYSTEM_CLOCK, codec: new ClkCodec(clkSecret), shards: this.shards, silenceMs });
    this.markets = new Markets(hub);
    environments.listen(this.markets);
    this.legacy = new LegacyMarketRoutes(reader, redis.prefix, logger, legacySunsetAt);
    const requests = new ClientRequests(metrics);
    this.streams = new MarketStreams(
      this.markets,
      new MarketAccess(environments, this.markets),
      maxStreams,
      ({ client, keyId }, asked) => {
        this.legacy.count(client, asked);
        requests.count({ client: keyId, ...asked });
      },
    );
    this.snapshots = new EventSnapshots(this.markets);
    this.gauge(metrics, 'paddock_edge_market_streams', 'Open market streams', () => this.streams.size);
    this.gauge(metrics, 'paddock_edge_market_subscriptions', 'Subscriptions of market streams', () => hub.readers);
    this.gauge(metrics, 'paddock_edge_markets', 'Markets that are known', () =>
      this.shards.reduce((sum, { markets }) => sum + markets.size, 0),
    );
    this.gauge(
      metrics,
      'paddock_edge_market_silent_partitions',
      'Partitions of the markets that nothing is heard of',
      () => this.shards.filter(({ silent }) => silent).length,
    );
  }

  /** Begins to follow as soon as the log can be reached; the start does not wait for it. */
  start(): void {
    this.starting = this.follow();
  }

  /** For operators: the position of each partition, and whether its prices are trusted. */
  describe(): object[] {
    return this.shards.map(({ partition, epoch, seq, markets, silent, loaded, heardAt }) => ({
      partition,
      epoch,
      seq,
      markets: markets.size,
      loaded,
      silent,
      heardAt: heardAt === 0 ? null : new Date(heardAt).toISOString(),
    }));
  }

  drain(): void {
    this.streams.drain();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.starting;
    await this.follower?.close();
    await this.legacy.close();
    await this.log?.close();
  }

  private async follow(): Promise<void> {
    const { redis, reader, logger } = this.options;
    this.log = await connectRedisEventLog({
      ...redis,
      onError: (error) => logger.debug({ err: error }, 'connection to the log'),
    });
    if (this.closed) return;
    this.follower = new MarketFollower({
      log: this.log,
      redis: reader,
      prefix: redis.prefix,
      shards: this.shards,
      hub: this.markets.hub,
      logger,
    });
    this.follower.start();
    this.legacy.announce();
  }

  private gauge(metrics: Registry, name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  }
}
