import { setTimeout as delay } from 'node:timers/promises';

/** Interval of reads of the queues for a subscriber. */
const LOOK_EVERY_MS = 1_000;

/** The result of a read: the current one, and every different one after it. */
export function changesOf<T>(read: () => Promise<T>): AsyncIterableIterator<T> {
  const closing = new AbortController();
  const states = changing(read, closing.signal);
  return {
    next: () => states.next(),
    async return() {
      closing.abort();
      await states.return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* changing<T>(read: () => Promise<T>, signal: AbortSignal): AsyncGenerator<T, undefined> {
  let shown = '';
  while (!signal.aborted) {
    const state = await read();
    const text = JSON.stringify(state);
    if (text !== shown) yield state;
    shown = text;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
