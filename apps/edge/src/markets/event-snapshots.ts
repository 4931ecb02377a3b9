import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { BrandView } from './brand-view.js';
import type { MarketFilter } from './market-filter.js';
import { visibleMarkets } from './market-list.js';
import type { Markets } from './markets.js';
import { image } from './write-market.js';

/** A body and its tag. */
export interface Snapshot {
  readonly json: string;
  readonly etag: string;
}

/** After so long a body gets a new `clk`, so that what it says can still be resumed from. */
const CLK_MS = 60_000;

/**
 * Markets as REST answers them. The `clk` in a body is the one at which its content came to be: as long as nothing in it
 * changes, body and tag stay the same, byte for byte.
 */
export class EventSnapshots {
  private readonly kept = new LRUCache<string, Snapshot & { readonly content: string; readonly madeAt: number }>({
    maxSize: 16 << 20,
    sizeCalculation: ({ json, content }) => json.length + content.length + 200,
  });

  constructor(private readonly markets: Markets) {}

  read(view: BrandView, filter: MarketFilter, now: number): Snapshot {
    const { hub } = this.markets;
    const entries = visibleMarkets(hub, view, filter).flatMap((market) => {
      const shown = view.show(market, hub.isSilent(market));
      return shown ? [image(market, shown)] : [];
    });
    const content = createHash('sha256')
      .update(`${view.policy.rev}\n${entries.join('\n')}`)
      .digest('base64url');
    const name = `${view.name}\n${filter.name}`;
    const known = this.kept.get(name);
    if (known?.content === content && now - known.madeAt < CLK_MS) return known;
    const json = `{"clk":"${hub.clk(view, filter)}","markets":[${entries.join(',')}]}`;
    const etag = `"${createHash('sha256').update(`${name}\n${content}\n${json}`).digest('base64url').slice(0, 27)}"`;
    const made = { json, etag, content, madeAt: now };
    this.kept.set(name, made);
    return made;
  }
}
