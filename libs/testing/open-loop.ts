/** The result of an open loop. Delays count from when a request was due, so a server that stalls cannot hide it. */
export interface LoadReport {
  readonly sent: number;
  /** Reasons of those that failed. */
  readonly errors: readonly unknown[];
  /** Due, but not sent because `maxInFlight` others were still under way. */
  readonly dropped: number;
  /** Delay in milliseconds that this share of the successful ones did not exceed; 0.99 for p99. */
  delayMs(share: number): number;
}

export interface RunningLoad {
  /** Ends the load, waits for what is under way and reports. */
  stop(): Promise<LoadReport>;
}

/** Sends requests at a steady rate whatever the answers do, as the world outside does. */
export function openLoop(
  { perSecond, maxInFlight = 500 }: { perSecond: number; maxInFlight?: number },
  send: (number: number) => Promise<unknown>,
): RunningLoad {
  const begun = performance.now();
  const inFlight = new Set<Promise<void>>();
  const delays: number[] = [];
  const errors: unknown[] = [];
  let due = 0;
  let dropped = 0;

  const sendOne = (number: number): void => {
    const dueAt = begun + (number * 1_000) / perSecond;
    const request = send(number)
      .then(() => void delays.push(performance.now() - dueAt))
      .catch((error: unknown) => void errors.push(error))
      .finally(() => inFlight.delete(request));
    inFlight.add(request);
  };
  const timer = setInterval(() => {
    const dueByNow = Math.floor(((performance.now() - begun) * perSecond) / 1_000);
    for (; due < dueByNow; due += 1) {
      if (inFlight.size < maxInFlight) sendOne(due);
      else dropped += 1;
    }
  }, 2);

  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
      delays.sort((a, b) => a - b);
      const delayMs = (share: number): number => delays[Math.max(0, Math.ceil(delays.length * share) - 1)] ?? 0;
      return { sent: delays.length + errors.length, errors, dropped, delayMs };
    },
  };
}
