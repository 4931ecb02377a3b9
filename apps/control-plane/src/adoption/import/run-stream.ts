import { setTimeout as delay } from 'node:timers/promises';
import type { AdoptionRunRow } from '../adoption.entity.js';

const LOOK_EVERY_MS = 300;

/** The progress of a run until its end; read from the database, because another process may run it. */
export function watchRun(read: () => Promise<AdoptionRunRow>): AsyncIterableIterator<AdoptionRunRow> {
  const closing = new AbortController();
  const states = follow(read, closing.signal);
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

async function* follow(
  read: () => Promise<AdoptionRunRow>,
  signal: AbortSignal,
): AsyncGenerator<AdoptionRunRow, undefined> {
  let last = '';
  while (!signal.aborted) {
    const row = await read();
    const now = `${row.state} ${row.rowsDone}`;
    if (now !== last) yield row;
    last = now;
    if (row.state !== 'RUNNING') return undefined;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
