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
  /** Chooses every market, in place of all other fields, so that leaving fields out cannot do so by accident. */
  everything?: boolean;
  /** The market is expected not to exist yet, such as one of tomorrow's event. */
  expected?: boolean;
}

/**
 * The views that a rule changes. A view comes from the client key alone, so no parameter of a visitor counts here.
 */
export type RuleAudience = Pick<Audience, 'sites' | 'jurisdictions'>;

/** A rule of the operator about markets: which views see them, and how. */
export interface MarketRuleBody {
  match: MarketMatch;
  audience?: RuleAudience;
  schedule?: Schedule;
  effect: RuleEffect;
  /** The reason for the rule. Never shown to visitors. */
  reason: string;
}
