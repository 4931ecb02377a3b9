import { Injectable } from '@nestjs/common';
import { formatRef, type MarketRuleBody } from '#contracts';
import { matching } from '#visibility';
import type { PinnedBody, PlanGate, PlannedItem, PlanObserver } from '../../releases/plan.js';
import { type LiveMarket, LiveMarkets } from './live-markets.js';
import { nearNames } from './near-names.js';
import { describeMatch, marketRuleKind } from './market-rule.kind.js';

/** Holds up rules that match no market that is known: most of them are slips of the keyboard. */
@Injectable()
export class MarketRuleObserver implements PlanObserver {
  constructor(private readonly markets: LiveMarkets) {}

  async look(): Promise<void> {
    await this.markets.look();
  }

  /** Nothing where the markets are not known: that the odds service is away must not hold up a publish. */
  gates(items: readonly PlannedItem[]): PlanGate[] {
    const { current } = this.markets;
    if (!current) return [];
    return items.flatMap(({ pinned }) => {
      const rule = pinned && ruleOf(pinned);
      if (!pinned || !rule || rule.match.everything || rule.match.expected || isMatched(rule, current)) return [];
      const message =
        `${formatRef(pinned.ref)} matches none of the ${current.length} markets that are known (${describeMatch(rule.match)}); ` +
        `${proposal(rule.match, current)}correct its match, or set match.expected where such a market is to come`;
      const { documentId, ref } = pinned;
      return [
        { code: 'MATCHES_NOTHING', message, documentId, path: 'match', concerns: [{ documentId, ref }] } as const,
      ];
    });
  }
}

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
 * The body of a market rule; `undefined` for other kinds, and for what is none (which is another gate's to say). A rule
 * that is stored with a jurisdiction which earlier versions did not check is in force, so it is one.
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
