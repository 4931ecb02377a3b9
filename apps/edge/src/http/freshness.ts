/** How long caches may answer by themselves, in seconds, when no schedule ends it sooner. */
export const MAX_AGE = 2;
export const STALE_WHILE_REVALIDATE = 30;

const FRESH = `public, max-age=${MAX_AGE}, stale-while-revalidate=${STALE_WHILE_REVALIDATE}`;

/** `Cache-Control` for a body that names markets: one may be hidden at any moment, and no cache may show it for long after. */
export const MARKETS_FRESH = 'public, max-age=1, must-revalidate';

/**
 * `Cache-Control` for a body that is right until `validUntil`. No cache may show it later, neither as fresh nor while it
 * asks again: a promo must be gone on the second it ends.
 */
export function cacheControl(validUntil: number, now: number): string {
  const left = Math.floor((validUntil - now) / 1000);
  if (left >= MAX_AGE + STALE_WHILE_REVALIDATE) return FRESH;
  if (left <= 0) return 'public, max-age=0, must-revalidate';
  const maxAge = Math.min(MAX_AGE, left);
  const stale = left - maxAge;
  return stale > 0
    ? `public, max-age=${maxAge}, stale-while-revalidate=${stale}`
    : `public, max-age=${maxAge}, must-revalidate`;
}
