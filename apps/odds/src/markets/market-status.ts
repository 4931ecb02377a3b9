import type { Hold, MarketBook, MarketStatus, Outcome, SourceStatus, SuspensionReason } from '@paddock/contracts';

/** The status of a market, from its source's status, the trust in its feed, and its results. */
export function statusOf(
  source: SourceStatus,
  hold: Hold | null,
  outcome: Outcome | undefined,
): { readonly st: MarketStatus; readonly sr: SuspensionReason | null } {
  if (outcome?.cancelled) return { st: 'CANCELLED', sr: null };
  if (outcome?.settled) return { st: 'SETTLED', sr: null };
  if (source === 'SUSPENDED') return { st: source, sr: 'BETSTOP' };
  if (source === 'OPEN' && hold) return { st: 'SUSPENDED', sr: 'FEED' };
  return { st: source, sr: null };
}

/** Its feed no longer changes it, except by a rollback. */
export function isOver(book: Pick<MarketBook, 'st'>): boolean {
  return book.st === 'CLOSED' || book.st === 'SETTLED' || book.st === 'CANCELLED';
}
