import { byPrecedence, type CompiledRule, withholds } from './compile-rule.js';
import { matchesOverlap } from './match.js';

/** Two equally specific rules, one of which shows markets that the other withholds. */
export interface Conflict {
  /** The rule that wins. */
  readonly restrictive: CompiledRule;
  /** The rule that has no effect where both match. */
  readonly permissive: CompiledRule;
}

/**
 * Contradictions: equally specific rules about the same markets, views and times, where one withholds and the other
 * shows. HIDE beside SUSPEND is not a contradiction: both withhold, and the stricter one wins.
 */
export function conflicts(rules: Iterable<CompiledRule>): Conflict[] {
  const groups = Map.groupBy([...rules].sort(byPrecedence), placeOf);
  return [...groups.values()].flatMap((group) => {
    const permissive = group.filter(({ effect }) => !withholds(effect));
    return group
      .filter(({ effect }) => withholds(effect))
      .flatMap((restrictive) =>
        permissive.filter((other) => meet(restrictive, other)).map((other) => ({ restrictive, permissive: other })),
      );
  });
}

/** Rules can only contradict each other within the same narrowest place and market type. */
function placeOf({ specificity, match: { market, event, competition, sport, marketType } }: CompiledRule): string {
  return JSON.stringify([
    specificity,
    market ?? event ?? competition ?? sport,
    market === undefined ? marketType : undefined,
  ]);
}

function meet(one: CompiledRule, other: CompiledRule): boolean {
  return (
    one.from < other.to &&
    other.from < one.to &&
    matchesOverlap(one.match, other.match) &&
    intersect(one.sites, other.sites) &&
    intersect(one.jurisdictions, other.jurisdictions)
  );
}

function intersect(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  if (!one || !other) return (one ?? other)?.size !== 0;
  return [...one].some((name) => other.has(name));
}
