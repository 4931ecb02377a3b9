import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { redisAreas } from '@paddock/contracts';
import { ARTEFACT_REDIS, REDIS_PREFIX } from './redis.js';

/** The channel on which the processes of the control plane tell each other that something may have changed. */
export function hintsChannel(prefix: string): string {
  return redisAreas(prefix).hints;
}

/**
 * Says which environment may have changed. A process that receives it reads MySQL at once; a process that misses it
 * reads MySQL within a second.
 */
export interface Hint {
  environment: string;
  about: 'landed' | 'receipts';
}

@Injectable()
export class ChangeNotifier {
  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(REDIS_PREFIX) private readonly prefix: string,
  ) {}

  async publish(hint: Hint): Promise<void> {
    // A lost hint costs a second at most, so it is not worth an error.
    await this.redis.publish(hintsChannel(this.prefix), JSON.stringify(hint)).catch(() => undefined);
  }
}

export function parseHint(message: string): Hint | undefined {
  try {
    const { environment, about }: Partial<Record<keyof Hint, unknown>> = JSON.parse(message);
    if (typeof environment === 'string' && (about === 'landed' || about === 'receipts')) return { environment, about };
  } catch {
    // Not ours.
  }
  return undefined;
}
