import { isOver } from './market-status.js';
import type { Draft, Shard } from './shard.js';

/** What a new history begins with: the feeds that are down, and everything about every market that is not over. */
export function decideEpoch(shard: Shard): Draft[] {
  const down = [...shard.feeds].flatMap(([feed, { up, reason }]): Draft[] =>
    up ? [] : [{ type: 'feed', feed, up, ...(reason ? { reason } : {}) }],
  );
  const images = [...shard.books.values()].flatMap((book): Draft[] => {
    if (isOver(book)) return [];
    const { id, event, feed, pt, st, sr, ip, def, runners, source, hold, outcome } = book;
    return [
      {
        type: 'market',
        id,
        event,
        feed,
        pt,
        img: true,
        st,
        sr,
        ip,
        ...(def ? { def } : {}),
        r: Object.values(runners),
        source,
        hold,
        ...(outcome ? { outcome } : {}),
      },
    ];
  });
  return [...down, ...images];
}
