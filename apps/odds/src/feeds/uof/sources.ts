import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog, Topic } from '@paddock/eventlog';

/** A queue of raw messages in the event log: what a bridge from Sportradar's AMQP broker fills. */
export function uofQueue(key: string): Topic {
  return { name: `odds.uof.${key}`, partitions: 1, retention: { ms: 3_600_000, bytes: 64 << 20 } };
}

/** The messages of a folder, by file name; then waits. */
export async function* messagesOfFolder(path: string, signal: AbortSignal): AsyncGenerator<string> {
  for (const name of (await readdir(path)).toSorted()) {
    if (signal.aborted) return;
    if (name.endsWith('.xml')) yield readFile(join(path, name), 'utf8');
  }
  await aborted(signal);
}

/** The messages of a queue as they arrive. Messages from before the start are not read: the producer recovers them. */
export async function* messagesOfQueue(
  log: EventLog,
  key: string,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): AsyncGenerator<string> {
  const waiting: string[] = [];
  let wake: () => void = () => undefined;
  const follower = log.follow(uofQueue(key), {
    from: 'next',
    records: (records) => {
      waiting.push(...records.map(({ value }) => value.toString()));
      wake();
    },
    lost: () => Promise.resolve(undefined),
    onError,
  });
  void aborted(signal).then(() => wake());
  try {
    while (!signal.aborted) {
      yield* waiting.splice(0);
      if (waiting.length === 0 && !signal.aborted) await new Promise<null>((resolve) => (wake = () => resolve(null)));
    }
  } finally {
    await follower.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
