import type { Hold, MarketBook, MarketStatus, Outcome, SourceStatus, SuspensionReason } from '@paddock/contracts';

/** What holds of a market, from what its source says, whether its feed is trusted, and its results. */
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

/** Nothing that its feed does or fails to do matters to it any more, except a rollback. */
export function isOver(book: Pick<MarketBook, 'st'>): boolean {
  return book.st === 'CLOSED' || book.st === 'SETTLED' || book.st === 'CANCELLED';
}
