const MINUTE_MS = 60_000;

/**
 * How far the sender's clock is behind ours, in milliseconds: the time of receipt less the claimed time of sending.
 * Added to the sender's times it gives ours. Only whole minutes are corrected, because less than a minute may be
 * network delay.
 */
export function clockSkewMs(sentAt: number | undefined, receivedAt: number): number {
  if (sentAt === undefined) return 0;
  return Math.round((receivedAt - sentAt) / MINUTE_MS) * MINUTE_MS;
}
