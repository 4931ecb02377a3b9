/**
 * A UOF market is one id and a *set* of specifiers (`total=2.5|score=1:0`), which producers write in any order. Sorted by
 * name they are the market's identity here.
 * @returns the sorted text, '' for none; `undefined` where it cannot be read
 */
export function canonicalSpecifiers(text: string | undefined): string | undefined {
  if (!text) return '';
  const pairs = text.split('|');
  const names = new Set(pairs.map((pair) => pair.slice(0, pair.indexOf('='))));
  const readable = names.size === pairs.length && pairs.every((pair) => /^[A-Za-z0-9_]+=[^=|]+$/.test(pair));
  return readable ? pairs.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).join('|') : undefined;
}

/** The specifiers by name. */
export function specifiersOf(text: string | undefined): ReadonlyMap<string, string> {
  return new Map((text ? text.split('|') : []).map((pair) => [nameOf(pair), pair.slice(pair.indexOf('=') + 1)]));
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf('='));
}
