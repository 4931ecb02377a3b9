import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { testServers } from './settings.js';

/** A part of the test server's key space that belongs to one test. */
export interface RedisPrefix {
  readonly url: URL;
  readonly prefix: string;
  /** Removes every key that starts with it. */
  clear(): Promise<void>;
}

/** A prefix that no other test has. */
export function redisPrefix(url: URL = testServers().redisUrl): RedisPrefix {
  const prefix = `test-${randomUUID()}`;
  return {
    url,
    prefix,
    async clear() {
      const redis = new Redis(url.href);
      try {
        for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
          if (keys.length > 0) await redis.unlink(keys);
        }
      } finally {
        redis.disconnect();
      }
    },
  };
}
