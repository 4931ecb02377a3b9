import { setImmediate } from 'node:timers/promises';

/**
 * How long work blocks the event loop: the longest turn, in milliseconds of this thread's CPU. CPU time, because
 * wall-clock time includes the machine's other work.
 */
export async function longestTurnMs(work: () => unknown): Promise<number> {
  let [longest, running] = [0, true];
  let before = process.threadCpuUsage();
  const watch = async (): Promise<void> => {
    while (running) {
      await setImmediate();
      const { user, system } = process.threadCpuUsage(before);
      longest = Math.max(longest, (user + system) / 1_000);
      before = process.threadCpuUsage();
    }
  };
  const watching = watch();
  await setImmediate();
  longest = 0;
  before = process.threadCpuUsage();
  try {
    await work();
  } finally {
    await setImmediate();
    running = false;
    await watching;
  }
  return longest;
}
