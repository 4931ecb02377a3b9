import type { LiveMarket } from './live-markets.js';

/** Which markets a search finds. Everything that is present must hold. */
export interface MarketSearch {
  /** Words that all stand in the names of the event, the competition, the market or its runners, or a global id; each by its beginning. */
  text?: string;
  sport?: string;
  competition?: string;
  event?: string;
  /** Markets that are over too. */
  withOver?: boolean;
}

/** The markets that a search finds: the next event first, then by event and market. */
export function searchMarkets(markets: readonly LiveMarket[], search: MarketSearch): LiveMarket[] {
  const wanted = wordsOf(search.text ?? '');
  return markets
    .filter((market) => search.withOver === true || !market.over)
    .filter((market) => agrees(market, search) && hasWords(market, wanted))
    .sort((a, b) => compareTexts(positionOf(a), positionOf(b)));
}

/** Where a market stands in the order of a search. */
export function positionOf({ about, event, id }: Pick<LiveMarket, 'about' | 'event' | 'id'>): string {
  // Without a time it comes after all that have one.
  return `${about.startTime ?? '~'} ${event} ${id}`;
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function agrees({ event, def }: LiveMarket, search: MarketSearch): boolean {
  return (
    (search.sport === undefined || def?.sport === search.sport) &&
    (search.competition === undefined || def?.competition === search.competition) &&
    (search.event === undefined || event === search.event)
  );
}

function hasWords({ id, event, def, about }: LiveMarket, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const names = [about.eventName, about.name, def?.competition, def?.sport, def?.type, ...about.runners, id, event];
  const words = [
    ...names.flatMap((name) => (name === undefined ? [] : wordsOf(name))),
    id.toLowerCase(),
    event.toLowerCase(),
  ];
  return wanted.every((word) => words.some((found) => found.startsWith(word)));
}

/** Lower case and without accents, so that `Atletico` finds `Atlético`. A global id stays one word. */
function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}:/.-]+/u)
    .filter((word) => word !== '');
}
