import { scheduleInstants, scheduleProblems } from '@paddock/audience';
import { canonicalJson, type MarketRuleBody, type Schedule } from '@paddock/contracts';

/**
 * Whether every visitor sees at most the markets that they saw before a change of one market rule, at any time.
 * `undefined` stands for no rule. True if the old rule, if any, showed markets (SHOW, FEATURE) and the new rule, if
 * any, hides markets. A rule that withholds may only be replaced by a HIDE of the same markets that holds wherever and
 * whenever it held: HIDE is the strictest effect, so it makes nothing more visible; a SUSPEND could show, without
 * prices, what a wider rule hides.
 */
export function onlyHides(live: MarketRuleBody | undefined, next: MarketRuleBody | undefined): boolean {
  if (next && next.effect !== 'HIDE') return false;
  if (!live || live.effect === 'SHOW' || live.effect === 'FEATURE') return true;
  return next !== undefined && holdsWherever(next, live);
}

/** Is a rule about the same markets, and does it hold at least for the visitors and times of another? */
function holdsWherever(wide: MarketRuleBody, narrow: MarketRuleBody): boolean {
  return (
    marketsOf(wide) === marketsOf(narrow) &&
    includesAll(wide.audience?.sites, narrow.audience?.sites) &&
    includesAll(wide.audience?.jurisdictions, narrow.audience?.jurisdictions) &&
    lastsThrough(wide.schedule, narrow.schedule)
  );
}

/** False for a schedule that is no longer readable: a change that is not known to hide does not pass a freeze window. */
function lastsThrough(wide: Schedule | undefined, narrow: Schedule | undefined): boolean {
  if (!wide) return true;
  if (!narrow || [wide, narrow].some((schedule) => scheduleProblems(schedule).length > 0)) return false;
  const [outer, inner] = [scheduleInstants(wide), scheduleInstants(narrow)];
  return outer.from <= inner.from && inner.to <= outer.to;
}

/** `expected` does not affect the match. */
function marketsOf({ match: { expected: _expected, ...fields } }: MarketRuleBody): string {
  return canonicalJson(fields);
}

/** `undefined` stands for everything. */
function includesAll(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  return wide === undefined || (narrow !== undefined && narrow.every((one) => wide.includes(one)));
}
