import { setTimeout as delay } from 'node:timers/promises';

/** Waits; ends early, without an error, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** Waits longer after each failure in a row, up to about ten seconds, with jitter so that many do not come back in step. */
export async function pauseAfterFailure(failures: number, signal: AbortSignal): Promise<void> {
  await pause(Math.min(100 * 2 ** Math.min(failures, 7), 10_000) * (0.5 + Math.random() / 2), signal);
}
