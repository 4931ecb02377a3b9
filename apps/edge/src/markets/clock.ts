/** Time, as the hub has it: the machine's, or a test's own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs something at a time, not before; @returns what takes it back. */
  at(time: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  at(time, run) {
    const timer = setTimeout(run, Math.max(0, time - Date.now()));
    return () => clearTimeout(timer);
  },
};
