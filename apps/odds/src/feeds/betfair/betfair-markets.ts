import type { OddsChange } from '@paddock/contracts';
import { MarketCache } from './market-cache.js';
import type { MarketChangeMessage } from './messages.js';
import { imageOf, type Moment, normaliseMarket, rollbackOf, settlementOf } from './normalise.js';

/** All markets of one stream, live or recorded, and what each message says in the common vocabulary. */
export class BetfairMarkets {
  private readonly caches = new Map<string, MarketCache>();
  private readonly settled = new Set<string>();
  /** Markets of the image under way; an image may come in several segments. */
  private imaged: Set<string> | undefined;

  constructor(private readonly feed: string) {}

  cache(id: string): MarketCache | undefined {
    return this.caches.get(id);
  }

  /** Takes a message and gives what it says, market by market, in its order. */
  take({ mc, ct, segmentType, pt, clk }: MarketChangeMessage, at: number): OddsChange[] {
    const moment: Moment = { source: { feed: this.feed, pt: pt ?? at, ...(clk ? { clk } : {}) }, at };
    if (ct === 'SUB_IMAGE') this.imaged ??= new Set();
    const changes: OddsChange[] = [];
    for (const change of mc ?? []) {
      let cache = this.caches.get(change.id);
      if (!cache || change.img === true) this.caches.set(change.id, (cache = renewed(change.id, cache)));
      cache.update(change);
      this.imaged?.add(change.id);
      const normalised = normaliseMarket(cache, change, moment);
      if (normalised) changes.push(normalised, ...this.results(cache, moment));
    }
    if (this.imaged && endsSegments(segmentType)) changes.push(...this.withdrawUnmentioned(this.imaged, moment));
    return changes;
  }

  /** Reports everything again. */
  images(at: number): OddsChange[] {
    return [...this.caches.values()].flatMap((cache) => {
      const moment: Moment = { source: { feed: this.feed, pt: at }, at };
      const image = imageOf(cache, moment);
      return image ? [image] : [];
    });
  }

  private results(cache: MarketCache, moment: Moment): OddsChange[] {
    const settlement = settlementOf(cache, moment);
    if (settlement) {
      this.settled.add(cache.id);
      return [settlement];
    }
    if (!this.settled.delete(cache.id)) return [];
    const rollback = rollbackOf(cache, moment);
    return rollback ? [rollback] : [];
  }

  /** Markets that the image of a new subscription lacks were closed or withdrawn while the feed was disconnected. */
  private withdrawUnmentioned(imaged: ReadonlySet<string>, moment: Moment): OddsChange[] {
    this.imaged = undefined;
    return [...this.caches.values()].flatMap((cache): OddsChange[] => {
      if (imaged.has(cache.id)) return [];
      this.caches.delete(cache.id);
      const image = imageOf(cache, moment);
      return image ? [{ ...image, status: 'INACTIVE' }] : [];
    });
  }
}

/** The last message of an answer: its clock may be kept, and its image is whole. */
export function endsSegments(segmentType: MarketChangeMessage['segmentType']): boolean {
  return segmentType !== 'SEG_START' && segmentType !== 'SEG';
}

/** An image replaces ladders; the definition stays when the image brings none. */
function renewed(id: string, before: MarketCache | undefined): MarketCache {
  const cache = new MarketCache(id);
  cache.definition = before?.definition;
  return cache;
}
