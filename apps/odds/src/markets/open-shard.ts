import { randomUUID } from 'node:crypto';
import { ODDS_CHANGES, ODDS_MARKETS, type OddsUpdate, parseOddsUpdate } from '@paddock/contracts';
import { type EventLog, PositionLost, type Position, readToEnd } from '@paddock/eventlog';
import type { MarketStore, StoredShard } from '../storage/market-store.js';
import { Shard } from './shard.js';

/** A partition as its previous owner left it. */
export interface OpenedShard {
  readonly shard: Shard;
  /** Records that were in the log and not yet in MySQL. */
  readonly replayed: readonly OddsUpdate[];
  /** The log does not continue the state in MySQL: a new history has to begin with images. */
  readonly newEpoch: boolean;
  /** The records of the partition in `odds.markets`. */
  readonly markets: { identity: string; readonly position: Position | undefined };
  /** The position up to which the input was processed. */
  readonly changes: { identity: string; readonly position: Position | undefined };
}

/**
 * Rebuilds a partition: the state in MySQL, then every later record of the log. The log is authoritative and contains the
 * position up to which the input was processed, so no decision is made twice.
 */
export async function openShard(
  log: EventLog,
  store: MarketStore,
  partition: number,
  acknowledged: Position | undefined,
  now: number,
): Promise<OpenedShard> {
  const [stored, marketsIdentity, changesIdentity] = await Promise.all([
    store.load(partition, now),
    log.identity(ODDS_MARKETS),
    log.identity(ODDS_CHANGES),
  ]);
  const shard = new Shard(stored?.epoch ?? randomUUID(), stored?.seq ?? 0);
  for (const book of stored?.books ?? []) shard.restore(book);
  for (const [feed, state] of stored?.feeds ?? []) shard.feeds.set(feed, state);

  const sameInput = stored?.changes.identity === changesIdentity;
  const storedChanges = sameInput ? asPosition(stored.changes.position) : undefined;
  const replay = await replayAfter(log, partition, stored, marketsIdentity);
  if (!replay) {
    shard.epoch = randomUUID();
    shard.seq = 0;
    return {
      shard,
      replayed: [],
      newEpoch: true,
      markets: { identity: marketsIdentity, position: undefined },
      changes: { identity: changesIdentity, position: later(log, storedChanges, acknowledged) },
    };
  }
  for (const update of replay.updates) shard.apply(update);
  const decidedTo = asPosition(replay.updates.findLast((update) => update.in !== undefined)?.in);
  return {
    shard,
    replayed: replay.updates,
    newEpoch: false,
    markets: { identity: marketsIdentity, position: replay.position },
    changes: { identity: changesIdentity, position: later(log, later(log, storedChanges, acknowledged), decidedTo) },
  };
}

/** `undefined` when the log is not the one that MySQL refers to, or does not reach back to it. */
async function replayAfter(log: EventLog, partition: number, stored: StoredShard | undefined, identity: string) {
  const updates: OddsUpdate[] = [];
  if (stored && stored.markets.identity !== identity) return undefined;
  let position = asPosition(stored?.markets.position);
  const { last } = (await log.bounds(ODDS_MARKETS))[partition] ?? {};
  if (position && (!last || log.compare(last, position) < 0)) return undefined;
  try {
    for await (const records of readToEnd(log, ODDS_MARKETS, partition, position)) {
      updates.push(...records.flatMap(({ value }) => parseOddsUpdate(value.toString()) ?? []));
      position = records.at(-1)?.position ?? position;
    }
  } catch (error) {
    if (error instanceof PositionLost) return undefined;
    throw error;
  }
  // Without MySQL only a log that is complete from its beginning contains the whole state.
  const [first] = updates;
  if (!stored && first && first.seq !== 1) return undefined;
  return { updates, position };
}

function later(log: EventLog, a: Position | undefined, b: Position | undefined): Position | undefined {
  if (!a || !b) return a ?? b;
  return log.compare(a, b) > 0 ? a : b;
}

/** Log and MySQL return positions as text. */
function asPosition(text: string | undefined): Position | undefined {
  return text as Position | undefined;
}
