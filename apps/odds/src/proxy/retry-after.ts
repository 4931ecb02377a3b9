const MAX_WAIT_MS = 24 * 3_600_000;

/** `Retry-After` in milliseconds (RFC 9110, 10.2.3: seconds or an HTTP date); `undefined` where it is absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text)
    ? Number(text) * 1_000
    : /^[A-Za-z]{3,9},? /.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, 0), MAX_WAIT_MS);
}
