import type { MarketDefinition, MarketMatch } from '@paddock/contracts';

/** The fields of a market that rules match; every `MarketBook` has them. `def` is absent until the source has sent it. */
export interface MarketSubject {
  readonly id: string;
  readonly event: string;
  readonly def?: Pick<MarketDefinition, 'sport' | 'competition' | 'type'>;
}

/**
 * How narrow a match is, 0 to 8. The narrowest place decides (market, event, competition, sport, everything); naming a
 * market type narrows it within its place. Wider places beside a narrower one are implied by it and add nothing: otherwise
 * a rule that repeats the sport of an event would outrank a rule that does not.
 */
export function specificityOf({ sport, competition, event, marketType, market }: MarketMatch): number {
  if (market !== undefined) return 8;
  const place = event !== undefined ? 3 : competition !== undefined ? 2 : sport !== undefined ? 1 : 0;
  return 2 * place + (marketType !== undefined ? 1 : 0);
}

/** `MAYBE` where the fields that it depends on are not known yet. */
export type Matching = 'YES' | 'NO' | 'MAYBE';

/** Does a market agree with every field of a match? */
export function matching(match: MarketMatch, { id, event, def }: MarketSubject): Matching {
  if (differs(match.market, id) || differs(match.event, event)) return 'NO';
  if (def) {
    const other =
      differs(match.sport, def.sport) ||
      differs(match.competition, def.competition) ||
      differs(match.marketType, def.type);
    return other ? 'NO' : 'YES';
  }
  return match.sport === undefined && match.competition === undefined && match.marketType === undefined
    ? 'YES'
    : 'MAYBE';
}

function differs(wanted: string | undefined, found: string | undefined): boolean {
  return wanted !== undefined && wanted !== found;
}

/** Can one market agree with both? */
export function matchesOverlap(one: MarketMatch, other: MarketMatch): boolean {
  return FIELDS.every((field) => one[field] === undefined || other[field] === undefined || one[field] === other[field]);
}

const FIELDS = ['sport', 'competition', 'event', 'marketType', 'market'] as const;
