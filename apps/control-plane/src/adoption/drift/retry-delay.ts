const FIRST_MS = 2_000;
const LONGEST_MS = 15 * 60_000;
/** Up to this share of the delay is taken off at random, so that many rows are not all tried at once. */
const JITTER = 0.2;

/** How long to wait before a write is tried again that has failed `attempts` times. `random` is from 0 to 1. Pure. */
export function retryDelayMs(attempts: number, random: number): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.max(0, attempts - 1), LONGEST_MS);
  return Math.round(whole * (1 - JITTER * random));
}
