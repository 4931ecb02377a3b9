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
    // Timers may run a millisecond early: a window that ended then would be followed by one of a millisecond.
    const runIfDue = (): void => {
      if (Date.now() < time) timer = setTimeout(runIfDue, 1);
      else run();
    };
    let timer = setTimeout(runIfDue, Math.max(0, time - Date.now()));
    return () => clearTimeout(timer);
  },
};
