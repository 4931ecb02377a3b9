import { type DataSource, type EntityManager, In, IsNull, MoreThan } from 'typeorm';
import { type MarketBook, runnerKey, type SettlementRecord } from '@paddock/contracts';
import { inTransaction } from '@paddock/mysql';
import type { FeedState } from '../markets/shard.js';
import { isOver } from '../markets/market-status.js';
import { MarketRow, PriceRow, ResultRow, SettlementRow, ShardRow } from './odds.entity.js';
import type { PriceSpan } from './price-history.js';

/** Which part of the logs a snapshot contains. */
export interface ShardPlace {
  readonly epoch: string;
  readonly seq: number;
  readonly markets: { readonly identity: string; readonly position: string | undefined };
  readonly changes: { readonly identity: string; readonly position: string | undefined };
}

/** A partition as it was stored. */
export interface StoredShard extends ShardPlace {
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly books: readonly MarketBook[];
}

/** What a partition stores in one transaction. */
export interface ShardChanges {
  readonly place: ShardPlace;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly books: readonly MarketBook[];
  readonly settlements: readonly SettlementRecord[];
  readonly prices: readonly PriceSpan[];
}

/** Another owner has stored this partition since. */
export class StoreFenced extends Error {}

/** Rows per statement: each has a few hundred bytes to a few kilobytes. */
const ROWS = 500;
/** Markets that are over are kept in memory so long, for late corrections. */
export const KEEP_FINISHED_MS = 24 * 3_600_000;

/** The odds tables in MySQL. */
export class MarketStore {
  constructor(private readonly source: DataSource) {}

  async load(shard: number, now: number): Promise<StoredShard | undefined> {
    return this.source.transaction('REPEATABLE READ', async (tx) => {
      const row = await tx.findOneBy(ShardRow, { shard });
      if (!row) return undefined;
      const recent = MoreThan(new Date(now - KEEP_FINISHED_MS));
      const markets = await tx.find(MarketRow, {
        select: { id: true, book: true },
        where: [
          { shard, finished: IsNull() },
          { shard, finished: recent },
        ],
      });
      const feeds: Record<string, FeedState> = JSON.parse(row.feeds);
      return {
        epoch: row.epoch,
        seq: row.seq,
        markets: { identity: row.marketsIdentity, position: row.marketsPosition ?? undefined },
        changes: { identity: row.changesIdentity, position: row.changesPosition ?? undefined },
        feeds: new Map(Object.entries(feeds)),
        books: markets.map(bookOf),
      };
    });
  }

  /** Books that are no longer kept in memory. */
  async find(ids: readonly string[]): Promise<MarketBook[]> {
    if (ids.length === 0) return [];
    return (
      await this.source.manager.find(MarketRow, { select: { id: true, book: true }, where: { id: In(ids) } })
    ).map(bookOf);
  }

  /** @throws StoreFenced when a later owner has stored already */
  async save(shard: number, token: number, { place, feeds, books, settlements, prices }: ShardChanges): Promise<void> {
    await inTransaction(this.source, async (tx) => {
      const row = await tx.findOne(ShardRow, { where: { shard }, lock: { mode: 'pessimistic_write' } });
      // Tokens count within one life of the log.
      if (row && row.changesIdentity === place.changes.identity && row.token > token)
        throw new StoreFenced(`partition ${shard} has another owner`);
      const now = new Date();
      for (const some of chunks(books))
        await tx.upsert(
          MarketRow,
          some.map((book) => marketRow(shard, book, now)),
          ['id'],
        );
      await saveSettlements(tx, settlements);
      await savePrices(tx, prices);
      await tx.upsert(ShardRow, shardRow(shard, token, place, feeds, now), ['shard']);
    });
  }
}

function bookOf({ book }: Pick<MarketRow, 'book'>): MarketBook {
  const parsed: MarketBook = JSON.parse(book);
  return parsed;
}

function marketRow(shard: number, book: MarketBook, now: Date): MarketRow {
  const { id, feed, event, st: status, v } = book;
  const finished = isOver(book) ? new Date(book.at) : null;
  return {
    id,
    shard,
    feed,
    event,
    sport: book.def?.sport ?? null,
    status,
    v,
    book: JSON.stringify(book),
    finished,
    updated: now,
  };
}

function shardRow(
  shard: number,
  token: number,
  place: ShardPlace,
  feeds: ReadonlyMap<string, FeedState>,
  now: Date,
): ShardRow {
  return {
    shard,
    epoch: place.epoch,
    seq: place.seq,
    marketsIdentity: place.markets.identity,
    marketsPosition: place.markets.position ?? null,
    changesIdentity: place.changes.identity,
    changesPosition: place.changes.position ?? null,
    token,
    feeds: JSON.stringify(Object.fromEntries(feeds)),
    updated: now,
  };
}

/** Revisions are written once; the results of a market are those of its newest one. */
async function saveSettlements(tx: EntityManager, settlements: readonly SettlementRecord[]): Promise<void> {
  for (const settlement of settlements) {
    const { id: market, revision, event, state, results, at } = settlement;
    const row = { market, revision, event, state, record: JSON.stringify(settlement), at: new Date(at) };
    await tx.upsert(SettlementRow, row, ['market', 'revision']);
    // A cancellation may be taken back: the results stay, the market's status says that they do not count.
    if (state !== 'SETTLED' && state !== 'ROLLED_BACK') continue;
    await tx.delete(ResultRow, { market });
    if (state === 'ROLLED_BACK' || results.length === 0) continue;
    const rows = results.map((result) => ({
      market,
      runner: runnerKey(result),
      revision,
      result: result.result,
      voidFactor: result.voidFactor ?? null,
      deadHeatFactor: result.deadHeatFactor ?? null,
    }));
    for (const some of chunks(rows)) await tx.insert(ResultRow, some);
  }
}

async function savePrices(tx: EntityManager, prices: readonly PriceSpan[]): Promise<void> {
  for (const some of chunks(prices)) {
    const { tableName } = tx.connection.getMetadata(PriceRow);
    await tx.query(
      `INSERT INTO \`${tableName}\` (\`market\`, \`runner\`, \`seconds\`, \`begin\`, \`open\`, \`high\`, \`low\`, \`close\`) VALUES ?
       ON DUPLICATE KEY UPDATE \`high\` = GREATEST(\`high\`, VALUES(\`high\`)), \`low\` = LEAST(\`low\`, VALUES(\`low\`)), \`close\` = VALUES(\`close\`)`,
      [
        some.map(({ market, runner, begin, open, high, low, close }) => [
          market,
          runner,
          60,
          new Date(begin),
          open,
          high,
          low,
          close,
        ]),
      ],
    );
  }
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS) yield rows.slice(at, at + ROWS);
}
