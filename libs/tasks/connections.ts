import type { ConnectionOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';

/** Tries again for ever, at first at once, later about every second; the jitter keeps many processes from returning in step. */
function retryStrategy(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 5), 1_000) * (0.5 + Math.random() / 2);
}

const COMMON = { connectTimeout: 2_000, keepAlive: 5_000, retryStrategy } satisfies RedisOptions;

/**
 * A connection whose commands fail at once while Redis is unreachable and within `commandTimeoutMs` when it does not
 * answer, for callers that keep the work elsewhere and try again. Commands that are given to it before it has connected
 * for the first time, or failed to, wait for that: a start is no outage. It reconnects by itself, for ever.
 */
export function failFastConnection(
  url: URL,
  onError: (error: Error) => void,
  { commandTimeoutMs = 2_000 }: { commandTimeoutMs?: number } = {},
): Redis {
  const connection = new Redis(url.href, {
    ...COMMON,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    // Redis does not disconnect a client that it keeps waiting, so waiting for the disconnection is useless.
    disconnectTimeout: 50,
  });
  const failFast = (): void => {
    connection.options.enableOfflineQueue = false;
    connection.off('ready', failFast).off('close', failFast);
  };
  connection.on('ready', failFast).on('close', failFast).on('error', onError);
  return connection;
}

/**
 * A connection that only listens to channels; it takes its subscriptions up again after every outage. It asks nothing else
 * first: a subscription that meets ioredis' question whether Redis is ready is lost without an error.
 */
export function subscriberConnection(url: URL, onError: (error: Error) => void): Redis {
  const connection = new Redis(url.href, {
    ...COMMON,
    maxRetriesPerRequest: null,
    autoResubscribe: true,
    enableReadyCheck: false,
  });
  connection.on('error', onError);
  return connection;
}

/** What a BullMQ worker connects with: its commands wait through outages of any length. */
export function workerConnection(url: URL): ConnectionOptions {
  return { ...COMMON, url: url.href, maxRetriesPerRequest: null };
}
