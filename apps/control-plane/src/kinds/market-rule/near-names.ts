import type { MarketMatch } from '@paddock/contracts';
import type { LiveMarket } from './live-markets.js';

const FIELDS = ['sport', 'competition', 'event', 'marketType', 'market'] as const;
/** Names that one message proposes for a field. */
const MAX_PROPOSED = 3;

/**
 * For match values that no known market has: the names that were probably meant. Such a name differs only in case,
 * blanks and accents, or in one or two letters.
 */
export function nearNames(match: MarketMatch, markets: readonly LiveMarket[]): { field: string; names: string[] }[] {
  return FIELDS.flatMap((field) => {
    const wanted = match[field];
    if (wanted === undefined) return [];
    const known = new Set(markets.flatMap((market) => nameIn(market, field) ?? []));
    if (known.has(wanted)) return [];
    const names = [...known]
      .filter((name) => isNear(wanted, name))
      .sort()
      .slice(0, MAX_PROPOSED);
    return names.length > 0 ? [{ field, names }] : [];
  });
}

function nameIn({ id, event, def }: LiveMarket, field: (typeof FIELDS)[number]): string | undefined {
  switch (field) {
    case 'market':
      return id;
    case 'event':
      return event;
    case 'marketType':
      return def?.type;
    case 'sport':
    case 'competition':
      return def?.[field];
  }
}

function isNear(wanted: string, name: string): boolean {
  const [a, b] = [folded(wanted), folded(name)];
  if (a === b) return true;
  const allowed = a.length < 4 ? 0 : a.length < 8 ? 1 : 2;
  return Math.abs(a.length - b.length) <= allowed && distance(a, b) <= allowed;
}

function folded(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}

/** How many letters must be changed, added or removed (Levenshtein). Names are short: ids have at most 190 characters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
