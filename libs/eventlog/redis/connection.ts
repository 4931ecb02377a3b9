import type { ChainableCommander, Redis } from 'ioredis';
import { failFastConnection } from '@paddock/tasks';
import { LogUnavailable } from '../errors.js';
import { type Script, SCRIPTS } from './scripts.js';

type Argument = string | number | Buffer;

/** A connection whose commands fail at once while Redis is unreachable and after `timeoutMs` when it is silent; it reconnects for ever. */
export class Connection {
  private readonly redis: Redis;

  constructor(url: URL, timeoutMs: number, onError: (error: Error) => void) {
    this.redis = failFastConnection(url, onError, { commandTimeoutMs: timeoutMs });
  }

  /** Resolves when it is connected, or after `timeoutMs`. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.redis.status === 'ready') return;
    const { promise, resolve } = Promise.withResolvers<null>();
    const settle = (): void => resolve(null);
    const timer = setTimeout(settle, timeoutMs);
    this.redis.once('ready', settle).once('end', settle);
    await promise;
    clearTimeout(timer);
    this.redis.off('ready', settle).off('end', settle);
  }

  close(): void {
    this.redis.disconnect();
  }

  /** @throws LogUnavailable */
  async command<T>(run: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await run(this.redis);
    } catch (error) {
      throw new LogUnavailable(error);
    }
  }

  /** One script. @throws LogUnavailable */
  async script(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const [answer] = await this.scripts([{ script, keys, args }]);
    return answer;
  }

  /** Several scripts in one round trip, in order. @throws LogUnavailable when any failed */
  async scripts(
    calls: readonly { script: Script; keys: readonly string[]; args: readonly Argument[] }[],
  ): Promise<unknown[]> {
    return this.command(async (redis) => {
      const run = async (): Promise<unknown[]> => {
        const pipeline: ChainableCommander = redis.pipeline();
        for (const { script, keys, args } of calls)
          pipeline.call('evalsha', [script.sha1, keys.length, ...keys, ...args]);
        return answersOf(await pipeline.exec());
      };
      try {
        return await run();
      } catch (error) {
        // Redis forgets scripts when it restarts; none of the calls has done anything then.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        await Promise.all(SCRIPTS.map(({ lua }) => redis.script('LOAD', lua)));
        return run();
      }
    });
  }
}

function answersOf(results: [Error | null, unknown][] | null): unknown[] {
  return (results ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
