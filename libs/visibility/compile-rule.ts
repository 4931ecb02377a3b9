import { scheduleInstants } from '@paddock/audience';
import { ALL_SITES, type MarketMatch, type MarketRuleBody, type RuleEffect } from '@paddock/contracts';
import { specificityOf } from './match.js';

/** A view of markets: the site and jurisdiction of a client key. */
export interface View {
  readonly site: string;
  readonly jurisdiction: string;
}

/** A compiled market rule. */
export interface CompiledRule {
  /** `formatRef` of its document. */
  readonly name: string;
  readonly match: MarketMatch;
  readonly effect: RuleEffect;
  /** See `specificityOf`. */
  readonly specificity: number;
  /** Absent for all of them. */
  readonly sites?: ReadonlySet<string>;
  readonly jurisdictions?: ReadonlySet<string>;
  /** Epoch milliseconds, inclusive; -Infinity where it always held. */
  readonly from: number;
  /** Epoch milliseconds, exclusive; Infinity where it holds for ever. */
  readonly to: number;
}

/**
 * Compiles the body of a market rule once, to be asked often.
 *
 * @param site the document's: a rule of one site says nothing to others, whatever its audience names
 * @throws RangeError for a schedule that validation refuses
 */
export function compileRule(
  name: string,
  site: string,
  { match, audience, schedule, effect }: MarketRuleBody,
): CompiledRule {
  const sites = sitesOf(site, audience?.sites);
  return {
    ...{ name, match, effect },
    specificity: specificityOf(match),
    ...(sites ? { sites: new Set(sites) } : {}),
    ...(audience?.jurisdictions ? { jurisdictions: new Set(audience.jurisdictions) } : {}),
    ...scheduleInstants(schedule),
  };
}

function sitesOf(site: string, wanted: readonly string[] | undefined): readonly string[] | undefined {
  if (site === ALL_SITES) return wanted;
  return wanted ? wanted.filter((one) => one === site) : [site];
}

/** Does a rule concern a view at any time? */
export function concerns({ sites, jurisdictions }: CompiledRule, { site, jurisdiction }: View): boolean {
  return (sites?.has(site) ?? true) && (jurisdictions?.has(jurisdiction) ?? true);
}

/** The most restrictive first; FEATURE before SHOW, because both show it. */
export const STRICTEST_FIRST: readonly RuleEffect[] = ['HIDE', 'SUSPEND', 'FEATURE', 'SHOW'];

/** Does an effect keep something from the view? */
export function withholds(effect: RuleEffect): boolean {
  return effect === 'HIDE' || effect === 'SUSPEND';
}

/** Among equally specific rules the winner comes first. The order of names only makes the choice stable. */
export function byPrecedence(one: CompiledRule, other: CompiledRule): number {
  return (
    other.specificity - one.specificity ||
    STRICTEST_FIRST.indexOf(one.effect) - STRICTEST_FIRST.indexOf(other.effect) ||
    (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)
  );
}
