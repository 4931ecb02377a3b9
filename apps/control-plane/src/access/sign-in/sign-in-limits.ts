import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { redisAreas, sha256Hex } from '@paddock/contracts';
import { canonicalAddress, networkOf } from '@paddock/http-server';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../../publishing/redis.js';

/** Failed attempts within a time, and what they are counted by. A success gives its own point back. */
const RULES = {
  /** Guesses of one person's password from one network. */
  pair: { points: 10, duration: 15 * 60 },
  /** The same from many networks: counts those alone from which this person never signed in. */
  account: { points: 100, duration: 60 * 60 },
  /**
   * Attempts with one password on many people. Counts networks as above, and is high: a proxy may serve a whole
   * company, and failures of some people there must not lock out the others.
   */
  network: { points: 1_000, duration: 15 * 60 },
} as const;

/** For so long after a success a network is familiar to an account. */
const FAMILIAR_SECONDS = 30 * 24 * 60 * 60;
/** Familiar networks that are remembered while Redis is unreachable. */
const MAX_REMEMBERED = 10_000;

export interface Attempt {
  email: string;
  ip: string;
}

interface Limiter {
  readonly limiter: RateLimiterRedis;
  readonly keyOf: (attempt: Attempt) => string;
}

/**
 * Counts attempts to sign in: each call of the field counts, so ten aliases in one request are ten attempts. A network
 * from which the user signed in before is limited by its own failures alone. So no user is locked out by failures from
 * elsewhere, or by failures on other accounts from the same address. While Redis is unreachable, each process counts by
 * itself.
 */
@Injectable()
export class SignInLimits {
  private readonly pair: Limiter;
  private readonly unfamiliar: readonly Limiter[];
  private readonly remembered = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: FAMILIAR_SECONDS * 1_000 });

  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(REDIS_PREFIX) private readonly prefix: string,
  ) {
    const limiter = (name: keyof typeof RULES) =>
      new RateLimiterRedis({
        ...RULES[name],
        storeClient: redis,
        keyPrefix: `${redisAreas(prefix).signIn}${name}`,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory(RULES[name]),
      });
    this.pair = { limiter: limiter('pair'), keyOf: pairOf };
    this.unfamiliar = [
      { limiter: limiter('account'), keyOf: ({ email }) => sha256Hex(email) },
      { limiter: limiter('network'), keyOf: ({ ip }) => networkOfAttempt(ip) },
    ];
  }

  /** Counts one attempt. @returns how many seconds to wait where there were too many */
  async count(attempt: Attempt): Promise<number | undefined> {
    const limiters = await this.limitersFor(attempt);
    const results = await Promise.allSettled(limiters.map(({ limiter, keyOf }) => limiter.consume(keyOf(attempt))));
    const waits = results.flatMap((result) => {
      if (result.status === 'fulfilled') return [];
      if (result.reason instanceof RateLimiterRes) return [Math.ceil(result.reason.msBeforeNext / 1000)];
      throw result.reason;
    });
    return waits.length > 0 ? Math.max(...waits) : undefined;
  }

  /** The attempt succeeded: it does not count, what failed before from there is forgiven, and the network is familiar now. */
  async forgive(attempt: Attempt): Promise<void> {
    const [pair, ...others] = await this.limitersFor(attempt);
    const rewards = others.map(({ limiter, keyOf }) => limiter.reward(keyOf(attempt)));
    await Promise.all([pair?.limiter.delete(pair.keyOf(attempt)), ...rewards, this.remember(attempt)]);
  }

  private async limitersFor(attempt: Attempt): Promise<readonly Limiter[]> {
    return (await this.isFamiliar(attempt)) ? [this.pair] : [this.pair, ...this.unfamiliar];
  }

  private async isFamiliar(attempt: Attempt): Promise<boolean> {
    const pair = pairOf(attempt);
    if (this.remembered.has(pair)) return true;
    try {
      if ((await this.redis.exists(this.keyOf(pair))) === 0) return false;
    } catch {
      return false; // Redis is unreachable: only the memory of this process counts
    }
    this.remembered.set(pair, true);
    return true;
  }

  private async remember(attempt: Attempt): Promise<void> {
    const pair = pairOf(attempt);
    this.remembered.set(pair, true);
    await this.redis.set(this.keyOf(pair), '1', 'EX', FAMILIAR_SECONDS).catch(() => undefined);
  }

  private keyOf(pair: string): string {
    return `${this.prefix}:sign-in:familiar:${pair}`;
  }
}

function pairOf({ email, ip }: Attempt): string {
  return sha256Hex(`${email} ${networkOfAttempt(ip)}`);
}

/** Of IPv6 the /64: its holder has all of its addresses. */
function networkOfAttempt(ip: string): string {
  const address = canonicalAddress(ip);
  return address === undefined ? ip : networkOf(address);
}
