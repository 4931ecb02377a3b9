import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { sha256Hex } from '#contracts';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../../publishing/redis.js';

/** Failed attempts within a time, and what they are counted by. A success gives its own point back. */
const RULES = {
  /** Somebody guesses one person's password. */
  pair: { points: 10, duration: 15 * 60 },
  /** The same from many addresses. Higher, so that a stranger cannot lock somebody out with a handful of requests. */
  email: { points: 100, duration: 60 * 60 },
  /** Somebody tries one password on many people. */
  ip: { points: 100, duration: 15 * 60 },
} as const;

export interface Attempt {
  email: string;
  ip: string;
}

/**
 * Counts attempts to sign in: each call of the field counts, so ten aliases in one request are ten attempts. While
 * Redis is away each process counts by itself.
 */
@Injectable()
export class SignInLimits {
  private readonly limiters: { limiter: RateLimiterRedis; keyOf: (attempt: Attempt) => string }[];

  constructor(@Inject(ARTEFACT_REDIS) redis: Redis, @Inject(REDIS_PREFIX) prefix: string) {
    const limiter = (name: keyof typeof RULES) =>
      new RateLimiterRedis({
        ...RULES[name],
        storeClient: redis,
        keyPrefix: `${prefix}:sign-in:${name}`,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory(RULES[name]),
      });
    this.limiters = [
      { limiter: limiter('pair'), keyOf: ({ email, ip }) => sha256Hex(`${email} ${ip}`) },
      { limiter: limiter('email'), keyOf: ({ email }) => sha256Hex(email) },
      { limiter: limiter('ip'), keyOf: ({ ip }) => ip },
    ];
  }

  /** Counts one attempt. @returns how many seconds to wait where there were too many */
  async count(attempt: Attempt): Promise<number | undefined> {
    const results = await Promise.allSettled(this.limiters.map(({ limiter, keyOf }) => limiter.consume(keyOf(attempt))));
    const waits = results.flatMap((result) => {
      if (result.status === 'fulfilled') return [];
      if (result.reason instanceof RateLimiterRes) return [Math.ceil(result.reason.msBeforeNext / 1000)];
      throw result.reason;
    });
    return waits.length > 0 ? Math.max(...waits) : undefined;
  }

  /** The attempt succeeded: it does not count, and what failed before from there is forgiven. */
  async forgive(attempt: Attempt): Promise<void> {
    const [pair, ...others] = this.limiters;
    await Promise.all([pair?.limiter.delete(pair.keyOf(attempt)), ...others.map(({ limiter, keyOf }) => limiter.reward(keyOf(attempt)))]);
  }
}
