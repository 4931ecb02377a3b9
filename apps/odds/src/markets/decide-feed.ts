import type { FeedDownReason, Hold, MarketBook } from '@paddock/contracts';
import { draftOf, stateOf } from './decide-market.js';
import { isOver } from './market-status.js';
import type { Draft, Shard } from './shard.js';

/** The feed is not to be trusted: its markets that are not over are suspended until they are reported again. */
export function decideFeedDown(shard: Shard, feed: string, reason: FeedDownReason): Draft[] {
  return [{ type: 'feed', feed, up: false, reason }, ...holdAll(shard, feed, 'STALE')];
}

/** The feed has reported everything again: markets that it reported since it went down reopen. */
export function decideFeedUp(shard: Shard, feed: string): Draft[] {
  return [{ type: 'feed', feed, up: true }, ...releaseFresh(shard, feed)];
}

/** A source that has reported everything again and not mentioned a market for this long no longer has the market. */
const WITHDRAW_AFTER_MS = 3_600_000;

/** Markets that ended while the feed was down: without this they would stay suspended for ever. */
export function decideWithdrawals(shard: Shard, now: number): Draft[] {
  return [...shard.feeds].flatMap(([feed, { up, upAt }]) =>
    up && upAt !== undefined && now - upAt > WITHDRAW_AFTER_MS
      ? shard.ofFeed(feed).flatMap((book) => (book.hold === 'STALE' && !isOver(book) ? withdraw(book) : []))
      : [],
  );
}

/** The records of a decision that a crash left unwritten. */
export function decideRepair(shard: Shard): Draft[] {
  return [...shard.feeds].flatMap(([feed, { up }]) =>
    up
      ? releaseFresh(shard, feed)
      : shard.ofFeed(feed).flatMap((book) => (book.hold === null && !isOver(book) ? hold(book, 'STALE') : [])),
  );
}

function holdAll(shard: Shard, feed: string, value: Hold): Draft[] {
  return shard.ofFeed(feed).flatMap((book) => (isOver(book) ? [] : hold(book, value)));
}

function releaseFresh(shard: Shard, feed: string): Draft[] {
  return shard.ofFeed(feed).flatMap((book) => (book.hold === 'FRESH' ? hold(book, null) : []));
}

function hold(book: MarketBook, value: Hold | null): Draft[] {
  const draft = draftOf(book, aboutOf(book), { ...stateOf(book), hold: value });
  return draft ? [draft] : [];
}

function withdraw(book: MarketBook): Draft[] {
  const draft = draftOf(book, aboutOf(book), { ...stateOf(book), source: 'INACTIVE', hold: null });
  return draft ? [draft] : [];
}

function aboutOf({ id, event, feed, pt }: MarketBook): Pick<MarketBook, 'id' | 'event' | 'feed' | 'pt'> {
  return { id, event, feed, pt };
}
