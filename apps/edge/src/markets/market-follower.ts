import type { Redis } from 'ioredis';
import {
  type BooksSnapshot,
  type MarketBook,
  ODDS_MARKETS,
  oddsBooksKey,
  parseOddsUpdate,
  parseShardBeat,
} from '@paddock/contracts';
import { type EventLog, type Follower, type LogRecord, type Position, PositionLost } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import type { MarketHub } from './market-hub.js';
import { GapInLog, type MarketShard } from './market-shard.js';

const RETRY_MS = 500;

/** The log that markets are read from; it is never written to. */
export interface FollowerParts {
  readonly log: EventLog;
  readonly redis: Redis;
  readonly prefix: string;
  readonly shards: readonly MarketShard[];
  readonly hub: MarketHub;
  readonly logger: Logger;
}

/**
 * Keeps the markets of this edge up to date with the log: each partition's snapshot, then its records. While Redis is
 * unreachable it keeps trying, and the hub suspends the markets after the silence limit.
 */
export class MarketFollower {
  private follower: Follower | undefined;
  private stopped = false;
  private retry: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(private readonly parts: FollowerParts) {}

  start(): void {
    void this.begin();
  }

  async close(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.follower?.close();
  }

  private async begin(): Promise<void> {
    const { log, shards } = this.parts;
    try {
      const from = new Map<number, Position>();
      for (const { partition } of shards) {
        const position = await this.load(partition);
        if (position) from.set(partition, position);
      }
      if (this.stopped) return;
      this.follower = log.follow(ODDS_MARKETS, {
        from,
        records: (records, partition) => this.take(records, partition),
        lost: async (partition) => {
          const position = await this.load(partition);
          this.parts.hub.replaced();
          return position;
        },
        onError: (error) => this.failed(error),
      });
    } catch (error) {
      this.failed(error);
      if (!this.stopped) this.retry = setTimeout(() => void this.begin(), RETRY_MS);
    }
  }

  private async take(records: readonly LogRecord[], partition: number): Promise<void> {
    this.failing = false;
    try {
      for (const record of records) this.takeOne(partition, record);
    } catch (error) {
      if (!(error instanceof GapInLog)) throw error;
      this.parts.logger.warn({ err: error }, 'the markets are read again in full');
      await this.load(partition);
      this.parts.hub.replaced();
      throw error;
    } finally {
      this.parts.hub.flush();
    }
  }

  private takeOne(partition: number, { value }: LogRecord): void {
    const json = value.toString('utf8');
    const update = parseOddsUpdate(json);
    if (update) this.parts.hub.take(partition, update);
    else this.parts.shards[partition]?.hear(parseShardBeat(json)?.at ?? 0);
  }

  /** Reads a partition in full, and returns the record after which to continue. */
  private async load(partition: number): Promise<Position | undefined> {
    const { redis, prefix, shards } = this.parts;
    const fields = await redis.hgetall(oddsBooksKey(prefix, partition));
    const { '': head, ...books } = fields;
    const snapshot: BooksSnapshot | undefined = head === undefined ? undefined : JSON.parse(head);
    const position = snapshot && (await this.stillHeld(partition, snapshot));
    // A snapshot that the log does not continue is of another history, which begins with images.
    if (snapshot && !position) shards[partition]?.load(undefined, []);
    else shards[partition]?.load(snapshot, Object.values(books).map(bookIn));
    return position;
  }

  private async stillHeld(partition: number, { position }: BooksSnapshot): Promise<Position | undefined> {
    const { log } = this.parts;
    // Positions travel as text.
    const after = position as Position;
    const { last } = (await log.bounds(ODDS_MARKETS))[partition] ?? {};
    if (!last || log.compare(last, after) < 0) return undefined;
    try {
      await log.read(ODDS_MARKETS, partition, { after, limit: 1 });
      return after;
    } catch (error) {
      if (error instanceof PositionLost) return undefined;
      throw error;
    }
  }

  /** Said once per outage. */
  private failed(error: unknown): void {
    if (!this.failing) this.parts.logger.warn({ err: error }, 'the markets cannot be followed, trying again');
    this.failing = true;
  }
}

function bookIn(json: string): MarketBook {
  const book: MarketBook = JSON.parse(json);
  return book;
}
