import { StoredEventLog } from '../stored-event-log.js';
import { StreamStore } from './stream-store.js';

const CONNECT_MS = 2_000;

/**
 * The event log on Redis Streams, for one machine. An acknowledged record is as safe as Redis makes it: with AOF
 * `everysec` a crash of Redis may lose the last second, which readers notice as PositionLost.
 * Resolves when connected, or after two seconds without: it keeps trying, and its methods throw LogUnavailable.
 */
export async function connectRedisEventLog(options: {
  readonly url: URL;
  /** Prefix of every key. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): Promise<StoredEventLog> {
  const store = new StreamStore(options);
  await store.ready(CONNECT_MS);
  return new StoredEventLog(store);
}
