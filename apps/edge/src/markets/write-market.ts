import { type MarketBook, type MarketDefinition, type Runner, runnerKey } from '@paddock/contracts';
import type { LiveMarket } from './live-market.js';
import type { Shown } from './brand-view.js';

const PRICES = ['p', 'lay', 'ltp', 'sp'] as const;

/** Hidden and over look the same. */
export function removal(id: string): string {
  return `{"id":${JSON.stringify(id)},"rm":true}`;
}

/** Everything of a market, as those who may see it so may have it. */
export function image({ book }: LiveMarket, shown: Shown): string {
  const { def } = book;
  return JSON.stringify({
    id: book.id,
    img: true,
    v: shown.v,
    ...statusOf(shown),
    ip: book.ip,
    ...(shown.featured ? { featured: true } : {}),
    def,
    r: inOrder(def, book.runners).map((runner) => runnerOf(runner, shown.st === 'OPEN')),
  });
}

/**
 * What changed after `since`. Prices leave only for what is open: not the newest ones, and not those that were due
 * before it was suspended.
 */
export function changes(market: LiveMarket, shown: Shown, since: number): string {
  const { book, marks } = market;
  if (marks.img > since) return image(market, shown);
  const r = changedRunners(market, since, shown.st === 'OPEN');
  return JSON.stringify({
    id: book.id,
    v: shown.v,
    ...(marks.st > since ? statusOf(shown) : {}),
    ...(marks.ip > since ? { ip: book.ip } : {}),
    ...(marks.def > since ? { def: book.def } : {}),
    ...(r.length > 0 ? { r } : {}),
  });
}

/** Has anything that is for readers changed after `since`? */
export function hasChanged({ marks, runnerMarks }: LiveMarket, { st: status }: Shown, since: number): boolean {
  if (marks.img > since || marks.st > since || marks.ip > since || marks.def > since) return true;
  for (const { st, p, lay, ltp, sp } of runnerMarks.values()) {
    if (st > since || (status === 'OPEN' && Math.max(p, lay, ltp, sp) > since)) return true;
  }
  return false;
}

/** The status alone: what is suspended from here on, without waiting for anything. */
function statusOf({ st, sr, display }: Shown): object {
  const frozen = display === 'FROZEN' && st !== 'OPEN' ? { bettable: false } : {};
  return { st, ...(sr ? { sr } : {}), ...frozen };
}

/** The status of a market that only this view suspends. */
export function statusChange({ book }: LiveMarket, shown: Shown): string {
  return JSON.stringify({ id: book.id, v: shown.v, ...statusOf(shown) });
}

function changedRunners({ book, runnerMarks }: LiveMarket, since: number, open: boolean): object[] {
  const changed: object[] = [];
  for (const [key, marks] of runnerMarks) {
    const runner = book.runners[key];
    if (!runner) continue;
    const parts: Record<string, unknown> = {};
    if (marks.st > since) parts['st'] = runner.st;
    if (open)
      for (const price of PRICES) if (marks[price] > since && runner[price] !== undefined) parts[price] = runner[price];
    if (Object.keys(parts).length > 0) changed.push({ ...identityOf(runner), ...parts });
  }
  return changed;
}

function runnerOf(runner: Runner, open: boolean): object {
  const parts: Record<string, unknown> = { ...identityOf(runner), st: runner.st };
  if (open) for (const price of PRICES) if (runner[price] !== undefined) parts[price] = runner[price];
  return parts;
}

function identityOf({ id, hc }: Pick<Runner, 'id' | 'hc'>): object {
  return { id, ...(hc ? { hc } : {}) };
}

/** As the source wants them shown; what it did not name comes last. */
function inOrder(def: MarketDefinition | undefined, runners: MarketBook['runners']): Runner[] {
  const left = new Map(Object.entries(runners));
  const ordered: Runner[] = [];
  for (const named of def?.runners ?? []) {
    const key = runnerKey(named);
    const runner = left.get(key);
    if (runner) ordered.push(runner);
    left.delete(key);
  }
  return [...ordered, ...left.values()];
}
