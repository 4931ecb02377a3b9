import { compareFeatured } from '@paddock/visibility';
import type { BrandView } from './brand-view.js';
import type { LiveMarket } from './live-market.js';
import type { MarketFilter } from './market-filter.js';
import type { MarketHub } from './market-hub.js';

/** The markets of a filter that a view may see: featured ones first, then by start, then by id. */
export function visibleMarkets(hub: MarketHub, view: BrandView, filter: MarketFilter): LiveMarket[] {
  const visible: LiveMarket[] = [];
  for (const market of hub.markets(filter))
    if (!market.isOver && view.effectOf(market) !== 'HIDE') visible.push(market);
  return visible.sort(
    (a, b) =>
      compareFeatured(view.ruleOf(a), view.ruleOf(b)) || compareText(startOf(a), startOf(b)) || compareText(a.id, b.id),
  );
}

/** Those without a time come last. */
function startOf({ book }: LiveMarket): string {
  return book.def?.startTime ?? '~';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
