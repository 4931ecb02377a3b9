const MINUTE_MS = 60_000;

/**
 * How far a sender's clock is behind ours, in milliseconds, from when it says it sent and when we received: added to
 * its times it gives ours. Only whole minutes are corrected: what is less may be the network's delay.
 */
export function clockSkewMs(sentAt: number | undefined, receivedAt: number): number {
  if (sentAt === undefined) return 0;
  return Math.round((receivedAt - sentAt) / MINUTE_MS) * MINUTE_MS;
}
