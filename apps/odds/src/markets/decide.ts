import type { BetStop, MarketBook, OddsChange } from '@paddock/contracts';
import { decideFeedDown, decideFeedUp } from './decide-feed.js';
import { decideMarket, draftOf, stateOf } from './decide-market.js';
import { decideSettlement } from './decide-settlement.js';
import type { Draft, Shard } from './shard.js';

/** The drafts that one change of the input causes in a partition. Pure: the same shard and change give the same drafts. */
export function decide(shard: Shard, change: OddsChange): Draft[] {
  switch (change.type) {
    case 'market': {
      const draft = decideMarket(shard.books.get(change.market), change, shard.feed(change.source.feed));
      return draft ? [draft] : [];
    }
    case 'bet_stop':
      return decideBetStop(shard, change);
    case 'settlement': {
      const book = shard.books.get(change.market);
      return decideSettlement(book, change, shard.feed(book?.feed ?? change.source.feed));
    }
    case 'feed_down':
      return decideFeedDown(shard, change.source.feed, change.reason);
    case 'feed_up': {
      const feed = shard.feed(change.source.feed);
      // A beat from before the feed went down does not show that it is alive now.
      return !feed.up && change.at >= feed.downAt ? decideFeedUp(shard, change.source.feed) : [];
    }
    case 'feed_alive':
      return [];
  }
}

/** Only open markets stop; markets that were withdrawn or are over stay as they are. */
function decideBetStop(shard: Shard, stop: BetStop): Draft[] {
  return shard.ofEvent(stop.event).flatMap((book) => {
    if (book.source !== 'OPEN' || !concerns(stop, book)) return [];
    const { id, event, feed } = book;
    const own = feed === stop.source.feed;
    // The clock of another feed says nothing about the order in which this one reported the market.
    if (own && book.pt > stop.source.pt) return [];
    const status = own ? stop.status : 'SUSPENDED';
    const draft = draftOf(
      book,
      { id, event, feed, pt: own ? stop.source.pt : book.pt },
      { ...stateOf(book), source: status },
    );
    return draft ? [draft] : [];
  });
}

/** A market with unknown groups may be in any group. */
function concerns({ groups, markets }: BetStop, { id, def }: MarketBook): boolean {
  if (markets && !markets.includes(id)) return false;
  const known = def?.groups;
  return !groups || !known || groups.some((group) => known.includes(group));
}
