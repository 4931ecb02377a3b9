import { randomUUID } from 'node:crypto';
import { ODDS_CHANGES, ODDS_MARKETS, type OddsUpdate, parseOddsUpdate } from '@paddock/contracts';
import { type EventLog, PositionLost, type Position, readToEnd } from '@paddock/eventlog';
import type { MarketStore, StoredShard } from '../storage/market-store.js';
import { Shard } from './shard.js';

/** A partition as it stood when its owner of before ended, in whatever way. */
export interface OpenedShard {
  readonly shard: Shard;
  /** Records that were in the log and not yet in MySQL. */
  readonly replayed: readonly OddsUpdate[];
  /** The log does not continue what MySQL holds: a new history has to begin with images. */
  readonly newEpoch: boolean;
  /** What `odds.markets` holds of it. */
  readonly markets: { identity: string; readonly position: Position | undefined };
  /** How far the input was taken. */
  readonly changes: { identity: string; readonly position: Position | undefined };
}

/**
 * Rebuilds a partition: what MySQL has, then every record of the log after it. The log is the truth and says itself how
 * far the input was taken; nothing that was decided is decided again.
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

/** `undefined` when the log is not the one that MySQL speaks of, or does not reach back to it. */
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
  // Without MySQL only a log that is whole from its beginning says everything.
  const [first] = updates;
  if (!stored && first && first.seq !== 1) return undefined;
  return { updates, position };
}

function later(log: EventLog, a: Position | undefined, b: Position | undefined): Position | undefined {
  if (!a || !b) return a ?? b;
  return log.compare(a, b) > 0 ? a : b;
}

/** Positions come back from the log and from MySQL as the text that they are. */
function asPosition(text: string | undefined): Position | undefined {
  return text as Position | undefined;
}
