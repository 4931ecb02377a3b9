import { setTimeout as delay } from 'node:timers/promises';

/** Waits longer after each failure in a row, up to about two seconds, with jitter; ends early when the signal aborts. */
export async function pauseAfterFailure(failures: number, signal: AbortSignal): Promise<void> {
  await pause(Math.min(50 * 2 ** Math.min(failures, 6), 2_000) * (0.5 + Math.random() / 2), signal);
}

/** Waits; ends early, without an error, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
