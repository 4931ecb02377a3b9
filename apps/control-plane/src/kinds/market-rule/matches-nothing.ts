import { formatRef, type MarketRuleBody } from '@paddock/contracts';
import { matching } from '@paddock/visibility';
import type { Gate } from '../../releases/gates/gate.js';
import { correctBody } from '../../releases/gates/resolutions.js';
import type { PinnedBody } from '../../releases/plan.js';
import { Observation } from '../../releases/plan-observer.js';
import type { LiveMarket } from './live-markets.js';
import { nearNames } from './near-names.js';
import { describeMatch, marketRuleKind } from './market-rule.kind.js';

/** The markets of the moment; `undefined` where they are not known, which must not block a publish. */
export const knownMarkets = new Observation<readonly LiveMarket[] | undefined>('known markets');

/** Rules that match no market that is known: most of them are typing mistakes. */
export const matchesNothing: Gate = {
  code: 'MATCHES_NOTHING',
  title: 'A market rule matches no market that is known',
  appears:
    'A market rule in the release matches none of the current markets of the odds service. The gate is not evaluated while no odds service runs.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: correctBody('Correct the match, or set `match.expected` if such a market is still to come,'),
  override: null,
  exceptions: 'A rule with `match.expected` or `match.everything`.',
  find(input) {
    const markets = knownMarkets.of(input);
    if (!markets) return [];
    return input.items.flatMap(({ pinned }) => {
      const rule = pinned && ruleOf(pinned);
      if (!pinned || !rule || rule.match.everything || rule.match.expected || isMatched(rule, markets)) return [];
      const message =
        `${formatRef(pinned.ref)} matches none of the ${markets.length} markets that are known (${describeMatch(rule.match)}); ` +
        `${proposal(rule.match, markets)}correct its match, or set match.expected where such a market is to come`;
      return [{ message, concerns: [pinned], path: 'match' }];
    });
  },
};

/** `did you mean sport "football"? ` where a name is nearly one that is known. */
function proposal(match: MarketRuleBody['match'], markets: readonly LiveMarket[]): string {
  const proposed = nearNames(match, markets).map(
    ({ field, names }) => `${field} ${names.map((name) => JSON.stringify(name)).join(' or ')}`,
  );
  return proposed.length > 0 ? `did you mean ${proposed.join(' and ')}? ` : '';
}

function isMatched({ match }: MarketRuleBody, markets: readonly LiveMarket[]): boolean {
  return markets.some((market) => matching(match, market) === 'YES');
}

/**
 * The body of a market rule; `undefined` for other kinds, and for invalid bodies, which another gate reports. A stored
 * rule with a jurisdiction that earlier versions did not check is in force, so it counts.
 */
export function ruleOf({ ref, body }: Pick<PinnedBody, 'ref' | 'body'>): MarketRuleBody | undefined {
  if (ref.kind !== marketRuleKind.name) return undefined;
  const parsed = marketRuleKind.parse(body);
  if (parsed.ok) return parsed.body;
  return isRule(body) && parsed.problems.every(({ code }) => code === 'INVALID_JURISDICTION') ? body : undefined;
}

/** Asked of bodies in which nothing but a jurisdiction is wrong. */
function isRule(body: object): body is MarketRuleBody {
  return 'match' in body && 'effect' in body && 'reason' in body;
}
