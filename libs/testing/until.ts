import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until a condition holds and returns what it returned: anything but false, undefined or null. A condition that
 * throws does not hold yet; the last reason is in the error. The default timeout is long, because the speed of a busy
 * machine is seldom what a test proves.
 * @throws Error when it does not hold in time
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  {
    timeoutMs = 30_000,
    everyMs = 20,
    what = 'the condition',
  }: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let reason: unknown;
    try {
      const result = await condition();
      if (holds(result)) return result;
      reason = `it was ${String(result)}`;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > deadline) throw new Error(`${what} did not hold within ${timeoutMs} ms`, { cause: reason });
    await delay(everyMs);
  }
}

function holds<T>(result: T): result is Exclude<T, false | undefined | null> {
  return result !== false && result !== undefined && result !== null;
}
