import type { LayoutItem } from '@paddock/contracts';

/** Which markets a slot asks for. */
export type MarketsWanted = NonNullable<LayoutItem['markets']>;

/** The view through which a page sees markets: set by the client key, never by a visitor's parameters. */
export interface PageView {
  readonly environment: string;
  readonly site: string;
  readonly jurisdiction: string;
}

/** The source of the markets in page slots. */
export interface SlotMarkets {
  /** Another number whenever any list may be another. */
  readonly version: number;
  /** Ids of markets that the view may see, featured ones first. */
  list(view: PageView, wanted: MarketsWanted): readonly string[];
}

/** For pages without a market state. */
export const NO_MARKETS: SlotMarkets = { version: 0, list: () => [] };
