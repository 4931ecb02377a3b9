import type { MarketMatch } from '@paddock/contracts';
import { byPrecedence, type CompiledRule, concerns, type View, withholds } from './compile-rule.js';
import { type MarketSubject, matching } from './match.js';

/** Rules by market type, and under `undefined` those of all types; each list by precedence. */
type ByType = Map<string | undefined, CompiledRule[]>;

/**
 * The markets of one view at one moment. Valid until {@link nextChangeAt}; then, and when the rules change, a new one is
 * made. A query costs a few look-ups, however many rules there are.
 */
export class MarketView {
  /** When a schedule next begins or ends, in epoch milliseconds; Infinity where none does. */
  readonly nextChangeAt: number;
  /** The rules that hold, by precedence. */
  readonly rules: readonly CompiledRule[];
  private readonly byMarket = new Map<string, CompiledRule[]>();
  private readonly byEvent = new Map<string, ByType>();
  private readonly byCompetition = new Map<string, ByType>();
  private readonly bySport = new Map<string, ByType>();
  private readonly anywhere: ByType = new Map();

  constructor(all: Iterable<CompiledRule>, view: View, now: number) {
    const mine = [...all].filter((rule) => concerns(rule, view));
    this.nextChangeAt = mine
      .flatMap(({ from, to }) => [from, to])
      .reduce((next, at) => (at > now && at < next ? at : next), Infinity);
    this.rules = mine.filter(({ from, to }) => from <= now && now < to).sort(byPrecedence);
    for (const rule of this.rules) this.listOf(rule.match).push(rule);
  }

  /** The rule that decides about a market: the most specific one, among equals the most restrictive. `undefined`: it is shown as it is. */
  ruleFor(market: MarketSubject): CompiledRule | undefined {
    const { id, event, def } = market;
    if (!def) return this.ruleForUnknown(market);
    return (
      first(this.byMarket.get(id), market) ??
      ofType(this.byEvent.get(event), market, def.type) ??
      (def.competition === undefined ? undefined : ofType(this.byCompetition.get(def.competition), market, def.type)) ??
      ofType(this.bySport.get(def.sport), market, def.type) ??
      ofType(this.anywhere, market, def.type)
    );
  }

  /** The source has not sent the market's definition yet. */
  private ruleForUnknown(market: MarketSubject): CompiledRule | undefined {
    return this.rules.find((rule) => applies(rule, market));
  }

  /**
   * Every rule that matches a market, in the order of precedence: the first one decides, as {@link ruleFor} says. For
   * explanations to people; it checks every rule.
   */
  matchingRules(market: MarketSubject): CompiledRule[] {
    return this.rules.filter((rule) => applies(rule, market));
  }

  private listOf({ sport, competition, event, marketType, market }: MarketMatch): CompiledRule[] {
    if (market !== undefined) return entry(this.byMarket, market, () => []);
    const types =
      event !== undefined
        ? entry(this.byEvent, event, newTypes)
        : competition !== undefined
          ? entry(this.byCompetition, competition, newTypes)
          : sport !== undefined
            ? entry(this.bySport, sport, newTypes)
            : this.anywhere;
    return entry(types, marketType, () => []);
  }
}

/**
 * Order of markets that a view features: by the rule that features them, the most specific first. 0 for two that one
 * rule features, or that no rule features; callers then order by start time and id.
 */
export function compareFeatured(one: CompiledRule | undefined, other: CompiledRule | undefined): number {
  const [first, second] = [featuring(one), featuring(other)];
  if (first && second) return first === second ? 0 : byPrecedence(first, second);
  return first ? -1 : second ? 1 : 0;
}

function featuring(rule: CompiledRule | undefined): CompiledRule | undefined {
  return rule?.effect === 'FEATURE' ? rule : undefined;
}

/** A rule that might keep an unknown market back does, one that might show it does not. */
function applies(rule: CompiledRule, market: MarketSubject): boolean {
  const found = matching(rule.match, market);
  return found === 'YES' || (found === 'MAYBE' && withholds(rule.effect));
}

function ofType(types: ByType | undefined, market: MarketSubject, type: string): CompiledRule | undefined {
  return types && (first(types.get(type), market) ?? first(types.get(undefined), market));
}

/** A list already agrees in what names it; wider fields beside that may still differ. */
function first(rules: readonly CompiledRule[] | undefined, market: MarketSubject): CompiledRule | undefined {
  return rules?.find((rule) => matching(rule.match, market) === 'YES');
}

const newTypes = (): ByType => new Map();

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
