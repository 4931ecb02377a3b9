import type { Audience, Schedule } from './bodies.js';

export const RULE_EFFECTS = ['HIDE', 'SUSPEND', 'SHOW', 'FEATURE'] as const;
/**
 * `HIDE`: the market does not exist for the view; `SUSPEND`: it is there without prices; `SHOW`: an exception from a
 * wider rule; `FEATURE`: shown before others.
 */
export type RuleEffect = (typeof RULE_EFFECTS)[number];

/**
 * The markets that a rule is about: those that agree in every field that is present. Values are compared exactly with
 * `MarketDefinition`, and with the ids of `MarketBook`.
 */
export interface MarketMatch {
  sport?: string;
  competition?: string;
  /** Global event id: `sim:match-1`. */
  event?: string;
  /** The source's market type: `MATCH_ODDS`. */
  marketType?: string;
  /** Global market id: `betfair:1.241629436`. */
  market?: string;
  /** Stands instead of all other fields where every market is meant, so that nobody means it by leaving them out. */
  everything?: boolean;
  /** No such market is known yet, and that is as it should be: tomorrow's event. */
  expected?: boolean;
}

/**
 * Whose view of a market a rule changes. A view comes from the client key alone, so nothing counts here that a visitor
 * may type.
 */
export type RuleAudience = Pick<Audience, 'sites' | 'jurisdictions'>;

/** What operations decide about markets: which are seen where, as they are or otherwise. */
export interface MarketRuleBody {
  match: MarketMatch;
  audience?: RuleAudience;
  schedule?: Schedule;
  effect: RuleEffect;
  /** Why, for those who wonder later. Never shown to visitors. */
  reason: string;
}
