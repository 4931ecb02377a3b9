import type { MarketsWanted, PageView, SlotMarkets } from '../layouts/slot-markets.js';
import type { Environments } from '../state/environments.js';
import { MarketFilter } from './market-filter.js';
import { visibleMarkets } from './market-list.js';
import type { Markets } from './markets.js';

/** The markets of page slots. Pages are served before markets are loaded: until {@link serve} slots are empty. */
export class PageMarkets implements SlotMarkets {
  private source: { readonly markets: Markets; readonly environments: Environments } | undefined;

  serve(markets: Markets, environments: Environments): void {
    this.source = { markets, environments };
  }

  get version(): number {
    return this.source?.markets.hub.listVersion ?? 0;
  }

  list(
    { environment: name, site, jurisdiction }: PageView,
    { sport, competition, limit }: MarketsWanted,
  ): readonly string[] {
    const environment = this.source?.environments.find(name);
    if (!this.source || !environment) return [];
    const { markets } = this.source;
    const filter = new MarketFilter({
      sports: [sport],
      ...(competition === undefined ? {} : { competitions: [competition] }),
    });
    const visible = visibleMarkets(markets.hub, markets.view({ environment, site, jurisdiction }), filter);
    return visible.slice(0, limit).map(({ id }) => id);
  }
}
