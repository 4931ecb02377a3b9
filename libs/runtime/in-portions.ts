import { setImmediate } from 'node:timers/promises';

/** Runs `work` over a long list without blocking requests: after every `size` members it yields to the event loop. */
export async function inPortions<T>(
  members: Iterable<T>,
  size: number,
  work: (portion: T[]) => void | Promise<void>,
): Promise<void> {
  let portion: T[] = [];
  for (const member of members) {
    portion.push(member);
    if (portion.length < size) continue;
    await work(portion);
    portion = [];
    await setImmediate();
  }
  if (portion.length > 0) await work(portion);
}
