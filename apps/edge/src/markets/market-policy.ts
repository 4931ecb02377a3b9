import { createHash } from 'node:crypto';
import { DEFAULT_CONFLATE_MS, type MarketDefinition, type RuleEffect, type SuspendedDisplay } from '@paddock/contracts';
import { type CompiledRule, compileRule, concerns, MarketView, type View } from '@paddock/visibility';
import type { LiveState } from '../state/live-state.js';

/** The effect of the rules on a market, and the earliest instant at which it may change. */
export interface Verdict {
  readonly effect: RuleEffect;
  /** The rule that says so; absent where none does. */
  readonly rule: CompiledRule | undefined;
  /** Epoch milliseconds; `Infinity` where no schedule will change it. */
  readonly until: number;
}

/** A market as rules see it. */
export interface Subject {
  readonly id: string;
  readonly event: string;
  readonly def: MarketDefinition;
}

/** The market rules of one environment as one view has them. Pure: the same market and time, the same verdict. */
export interface MarketPolicy {
  /**
   * Names the rules that concern the view: equal on every edge with the same rules, and unchanged by a change of rules
   * that do not concern the view.
   */
  readonly rev: string;
  /** The same of how feeds' suspended markets are displayed. */
  readonly displays: string;
  decide(market: Subject, at: number): Verdict;
  displayOf(feed: string): SuspendedDisplay;
}

/** What an edge needs of a feed's document. */
interface FeedManners {
  readonly suspendedDisplay: SuspendedDisplay;
  readonly conflateMs: number;
}

/** Every market rule and feed of an environment. */
export interface RuleSet {
  readonly rules: readonly CompiledRule[];
  readonly feeds: ReadonlyMap<string, FeedManners>;
}

/** Without documents everything is shown, and nothing while it is suspended. */
export const NO_RULES: RuleSet = { rules: [], feeds: new Map() };

/** The rules that are live. */
export function rulesOf(state: LiveState): RuleSet {
  const rules: CompiledRule[] = [];
  const feeds = new Map<string, FeedManners>();
  for (const { ref, document, decoded } of state.marketDocuments()) {
    if (decoded.kind === 'market-rule') rules.push(compileRule(document.ref, ref.site, decoded.body));
    else
      feeds.set(ref.key, {
        suspendedDisplay: decoded.body.suspendedDisplay,
        conflateMs: decoded.body.conflateMs ?? DEFAULT_CONFLATE_MS,
      });
  }
  return { rules, feeds };
}

/** The default conflation window of a subscription: the shortest of these feeds' windows; of all feeds where none is named. */
export function conflationOf({ feeds }: RuleSet, named: readonly string[]): number {
  const wanted = named.length > 0 ? named.flatMap((feed) => feeds.get(feed) ?? []) : [...feeds.values()];
  return wanted.length === 0 ? DEFAULT_CONFLATE_MS : Math.min(...wanted.map(({ conflateMs }) => conflateMs));
}

/** What one view sees by these rules. What is asked about now is remembered, and so is what was asked about last. */
export function policyFor({ rules, feeds }: RuleSet, view: View): MarketPolicy {
  const moments: { readonly from: number; readonly view: MarketView }[] = [];
  const momentOf = (at: number): MarketView => {
    const known = moments.find((moment) => moment.from <= at && at < moment.view.nextChangeAt);
    if (known) return known.view;
    const made = new MarketView(rules, view, at);
    moments.unshift({ from: at, view: made });
    moments.length = Math.min(moments.length, 4);
    return made;
  };
  return {
    rev: revOf(rules, view),
    displays: [...feeds]
      .map(([key, { suspendedDisplay }]) => `${key} ${suspendedDisplay}`)
      .sort()
      .join('\n'),
    decide(market, at) {
      const moment = momentOf(at);
      const rule = moment.ruleFor(market);
      return { effect: rule?.effect ?? 'SHOW', rule, until: moment.nextChangeAt };
    },
    displayOf: (feed) => feeds.get(feed)?.suspendedDisplay ?? 'BLANK',
  };
}

/** How much of a hash names some rules: as long for none of them as for many. */
export const REV_LENGTH = 8;

/** By what the rules say, not by their documents: what concerns others may change within one. */
function revOf(rules: readonly CompiledRule[], view: View): string {
  const mine = rules
    .filter((rule) => concerns(rule, view))
    .map(({ name, match, effect, from, to }) => JSON.stringify([name, match, effect, String(from), String(to)]));
  return createHash('sha256').update(mine.sort().join('\n')).digest('base64url').slice(0, REV_LENGTH);
}
