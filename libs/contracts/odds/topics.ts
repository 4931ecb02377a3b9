import { redisAreas } from '../redis-areas.js';

const HOUR = 3_600_000;
const MIB = 1 << 20;

/** Event ids choose the partition; the two topics have the same partitions, so one event stays in one place. */
const PARTITIONS = 4;

/** The changes of feeds, as `OddsChange`: the input of the market-state service. Kept long enough for a restored service to catch up. */
export const ODDS_CHANGES = {
  name: 'odds.changes',
  partitions: PARTITIONS,
  retention: { ms: 6 * HOUR, bytes: 64 * MIB },
} as const;

/** The market state, as `OddsUpdate`: for the edge and for every other system. Kept as long as a disconnected client may resume. */
export const ODDS_MARKETS = {
  name: 'odds.markets',
  partitions: PARTITIONS,
  retention: { ms: 6 * HOUR, bytes: 64 * MIB },
} as const;

/** Source messages that could not be read, as `QuarantinedMessage`, keyed by feed. */
export const ODDS_QUARANTINE = {
  name: 'odds.quarantine',
  partitions: 1,
  retention: { ms: 7 * 24 * HOUR, bytes: 16 * MIB },
} as const;

/** Requests to feeds, as `FeedRequest`, keyed by feed. */
export const ODDS_REQUESTS = { name: 'odds.requests', partitions: 1, retention: { ms: HOUR, bytes: MIB } } as const;

/** Why a message was set aside, and the message itself, cut at 64 KiB. */
export interface QuarantinedMessage {
  readonly feed: string;
  readonly reason: string;
  readonly message: string;
  /** When it was received, in milliseconds. */
  readonly at: number;
}

/** The market-state service lost trust in a feed: the feed has to report everything again, then `feed_up`. */
export interface FeedRequest {
  readonly type: 'recover';
  readonly feed: string;
  readonly at: number;
}

/**
 * The key of the newest books of a partition in Redis, so that a new reader need not read the whole log: hash from market
 * id to `MarketBook` as JSON, and under `''` a {@link BooksSnapshot} that says which records they contain.
 */
export function oddsBooksKey(prefix: string, partition: number | '*'): string {
  return `${redisAreas(prefix).oddsBooks}${partition}`;
}

/** Read in one transaction with the books: a reader that continues from `position` misses nothing. */
export interface BooksSnapshot {
  readonly epoch: string;
  readonly seq: number;
  /** Position in `odds.markets`. */
  readonly position: string;
  /** Feeds that are down. */
  readonly down: readonly string[];
}
