import {
  canonicalJson,
  type MarketBook,
  type Outcome,
  sha256Hex,
  type SettlementChange,
  type SourceStatus,
} from '@paddock/contracts';
import { draftOf, type MarketState } from './decide-market.js';
import type { Draft, FeedState } from './shard.js';

/**
 * A settlement, its rollback or a cancellation becomes the market's next revision. One that is older than the newest
 * revision, or equal to it, is a repetition and changes nothing, so a source may send its past again.
 */
export function decideSettlement(book: MarketBook | undefined, change: SettlementChange, fedBy: FeedState): Draft[] {
  const { market: id, event, state, certainty, results = [], from, to, reason } = change;
  const { feed, pt } = change.source;
  const content = {
    state,
    ...(certainty ? { certainty } : {}),
    results,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
  };
  const digest = sha256Hex(canonicalJson(content)).slice(0, 16);
  const before = book?.outcome;
  if (before && (pt < before.pt || digest === before.digest)) return [];
  const revision = (before?.revision ?? 0) + 1;
  const outcome: Outcome = { revision, pt, digest, ...effectOf(change, before) };
  const next: MarketState = {
    source: sourceAfter(book?.source ?? 'INACTIVE', before, outcome),
    // A market that is over is not suspended with its feed: if the feed was down meanwhile, its state may be old.
    hold: book && !book.hold && (!fedBy.up || fedBy.downAt > book.at) ? 'STALE' : (book?.hold ?? null),
    ip: book?.ip ?? false,
    def: book?.def,
    runners: book?.runners ?? {},
    outcome,
    released: book?.released,
  };
  // Results come from any producer: the market stays with the feed that reports its odds.
  const draft = draftOf(book, { id, event, feed: book?.feed ?? feed, pt: book?.pt ?? pt }, next);
  return [{ type: 'settlement', id, event, feed, revision, ...content, pt }, ...(draft ? [draft] : [])];
}

/** The end of a market discards the source's status OPEN: after a rollback the market opens when the source reports it again. */
function sourceAfter(source: SourceStatus, before: Outcome | undefined, after: Outcome): SourceStatus {
  const ends = (after.settled && !before?.settled) || (after.cancelled && !before?.cancelled);
  return ends && source === 'OPEN' ? 'SUSPENDED' : source;
}

function effectOf(change: SettlementChange, before: Outcome | undefined): Pick<Outcome, 'settled' | 'cancelled'> {
  const { settled = false, cancelled = false } = before ?? {};
  // Only the bets of a period are void: the market itself continues.
  const partial = change.from !== undefined && change.to !== undefined;
  switch (change.state) {
    case 'SETTLED':
      return { settled: true, cancelled };
    case 'ROLLED_BACK':
      return { settled: false, cancelled };
    case 'CANCELLED':
      return { settled, cancelled: cancelled || !partial };
    case 'CANCEL_ROLLED_BACK':
      return { settled, cancelled: cancelled && partial };
  }
}
