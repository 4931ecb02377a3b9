import type { FeedDownReason, Hold, MarketBook } from '@paddock/contracts';
import { draftOf, stateOf } from './decide-market.js';
import { isOver } from './market-status.js';
import type { Draft, Shard } from './shard.js';

/** The feed is not to be believed: every market of it that is not over is held until it is heard of again. */
export function decideFeedDown(shard: Shard, feed: string, reason: FeedDownReason): Draft[] {
  return [{ type: 'feed', feed, up: false, reason }, ...holdAll(shard, feed, 'STALE')];
}

/** The feed has said everything anew: what was heard of since it went down may be bet on again. */
export function decideFeedUp(shard: Shard, feed: string): Draft[] {
  return [{ type: 'feed', feed, up: true }, ...releaseFresh(shard, feed)];
}

/** A source that has said everything anew and not mentioned a market for so long does not have it any more. */
const WITHDRAW_AFTER_MS = 3_600_000;

/** Markets that came to their end while nobody listened: without this they would stay suspended for ever. */
export function decideWithdrawals(shard: Shard, now: number): Draft[] {
  return [...shard.feeds].flatMap(([feed, { up, upAt }]) =>
    up && upAt !== undefined && now - upAt > WITHDRAW_AFTER_MS
      ? shard.ofFeed(feed).flatMap((book) => (book.hold === 'STALE' && !isOver(book) ? withdraw(book) : []))
      : [],
  );
}

/** What a crash between the records of one decision left undone. */
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
