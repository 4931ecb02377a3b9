import { setImmediate } from 'node:timers/promises';
import { type CompiledRule, concerns, matching, MarketView, type View } from '@paddock/visibility';
import type { LiveMarket } from './live-markets.js';

/** The effect of a change of rules on the live markets of one view. */
export interface ViewImpact extends View {
  /** Markets that are there now and will not be. */
  hidden: number;
  /** Markets that will lose their prices. */
  suspended: number;
  /** Markets that will be shown before others, and are not now. */
  featured: number;
  /** Markets that are hidden or suspended by a rule now and will not be. */
  shown: number;
}

export interface RuleChange {
  before: readonly CompiledRule[];
  after: readonly CompiledRule[];
  /** Rules that appear, go or become others: those of before and of after. */
  changed: readonly CompiledRule[];
}

/** The first moment from now on at which a changed rule holds: of a rule for tomorrow, tomorrow counts. `undefined`: never again. */
export function momentOf({ changed }: RuleChange, now: number): number | undefined {
  const moments = changed.filter(({ to }) => to > now).map(({ from }) => Math.max(from, now));
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

/** How many live markets change for which views, at a moment; views for which none does are left out. */
export async function impactOnMarkets(
  change: RuleChange,
  markets: readonly LiveMarket[],
  views: readonly View[],
  at: number,
): Promise<ViewImpact[]> {
  const touched = markets.filter(
    (market) => !market.over && change.changed.some(({ match }) => matching(match, market) !== 'NO'),
  );
  const impacts: ViewImpact[] = [];
  for (const view of views) {
    if (!change.changed.some((rule) => concerns(rule, view))) continue;
    const impact = count(touched, new MarketView(change.before, view, at), new MarketView(change.after, view, at));
    if (impact.hidden + impact.suspended + impact.featured + impact.shown > 0) impacts.push({ ...view, ...impact });
    await setImmediate();
  }
  return impacts;
}

function count(markets: readonly LiveMarket[], before: MarketView, after: MarketView): Omit<ViewImpact, keyof View> {
  const impact = { hidden: 0, suspended: 0, featured: 0, shown: 0 };
  for (const market of markets) {
    const was = before.ruleFor(market)?.effect ?? 'SHOW';
    const becomes = after.ruleFor(market)?.effect ?? 'SHOW';
    if (was === becomes) continue;
    if (becomes === 'HIDE') impact.hidden += 1;
    else if (becomes === 'SUSPEND') impact.suspended += 1;
    else {
      if (becomes === 'FEATURE') impact.featured += 1;
      if (was === 'HIDE' || was === 'SUSPEND') impact.shown += 1;
    }
  }
  return impact;
}
