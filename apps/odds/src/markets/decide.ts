import type { BetStop, OddsChange } from '#contracts';
import { decideFeedDown, decideFeedUp } from './decide-feed.js';
import { decideMarket, draftOf } from './decide-market.js';
import { decideSettlement } from './decide-settlement.js';
import type { Draft, Shard } from './shard.js';

/** What one change of the input makes of a partition. Pure: the same shard and change give the same drafts. */
export function decide(shard: Shard, change: OddsChange): Draft[] {
  switch (change.type) {
    case 'market': {
      const draft = decideMarket(shard.books.get(change.market), change, shard.feed(change.source.feed));
      return draft ? [draft] : [];
    }
    case 'bet_stop':
      return decideBetStop(shard, change);
    case 'settlement':
      return decideSettlement(shard.books.get(change.market), change, shard.feed(change.source.feed));
    case 'feed_down':
      return decideFeedDown(shard, change.source.feed, change.reason);
    case 'feed_up': {
      const feed = shard.feed(change.source.feed);
      // One from before it went down says nothing about what came after.
      return !feed.up && change.at >= feed.downAt ? decideFeedUp(shard, change.source.feed) : [];
    }
    case 'feed_alive':
      return [];
  }
}

/** Only what is open stops; what was withdrawn or is over stays as it is. */
function decideBetStop(shard: Shard, { event, groups, status, source }: BetStop): Draft[] {
  return shard.ofEvent(event).flatMap((book) => {
    if (book.source !== 'OPEN') return [];
    if (groups && !groups.some((group) => book.def?.groups?.includes(group))) return [];
    const { id, feed } = book;
    const draft = draftOf(book, { id, event, feed, pt: source.pt }, { ...book, def: book.def, outcome: book.outcome, source: status });
    return draft ? [draft] : [];
  });
}
