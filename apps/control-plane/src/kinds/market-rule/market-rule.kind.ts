import { formatRef, type MarketMatch, type MarketRuleBody } from '@paddock/contracts';
import { compileRule, conflicts } from '@paddock/visibility';
import type { ConfigKind } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { placementOf } from '../targeting/placement.js';
import { onlyHides } from './only-hides.js';
import { MarketRuleInput } from './market-rule.input.js';

/** What operations decide about markets: which are seen where. */
export const marketRuleKind: ConfigKind<MarketRuleBody> = {
  name: 'market-rule',
  schemaVersion: 1,

  parse: (input) => parseBody(MarketRuleInput, input),

  label: ({ effect, match }) => `${effect} ${describeMatch(match)}`,

  references: () => [],

  checkAgainst: () => [],

  reach: ({ audience, match }) => ({
    audiences: audience ? [audience] : [],
    tags: [],
    places: [],
    claims: [`match:${placeOf(match)}`],
  }),

  placements: (rule) => [placementOf('', rule)],

  onlyHides,

  // Rules about the same may stand beside each other; only contradictions may not.
  mayCoexist: () => true,

  contradiction(one, other) {
    const compiled = [one, other].map(({ ref, body }) => compileRule(formatRef(ref), ref.site, body));
    const [found] = conflicts(compiled);
    if (!found) return undefined;
    const { restrictive, permissive } = found;
    const what = `${restrictive.name} (${restrictive.effect}) and ${permissive.name} (${permissive.effect})`;
    return `${what} contradict each other about ${describeMatch(one.body.match)}: they are equally specific and hold for the same views at the same time, so ${permissive.name} would do nothing there; narrow one of them or take it out`;
  },
};

/** What two rules must share to be able to contradict each other. */
function placeOf({ market, event, competition, sport }: MarketMatch): string {
  if (market !== undefined) return `market:${market}`;
  if (event !== undefined) return `event:${event}`;
  if (competition !== undefined) return `competition:${competition}`;
  return sport === undefined ? 'everything' : `sport:${sport}`;
}

/** `marketType MATCH_ODDS of event sim:1`, as people read it. */
export function describeMatch({ sport, competition, event, marketType, market }: MarketMatch): string {
  const named = Object.entries({ market, event, competition, sport, marketType }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return named.length > 0 ? named.join(', ') : 'every market';
}
