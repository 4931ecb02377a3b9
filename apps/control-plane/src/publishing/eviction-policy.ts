import type { Redis } from 'ioredis';

/**
 * Why this Redis must not be used; `undefined` where nothing speaks against it. One that evicts keys when it is full
 * would lose jobs and live bodies without a word.
 * @throws where it may not be asked
 */
export async function objectionTo(redis: Redis): Promise<string | undefined> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return `maxmemory-policy is ${policy}: Redis would drop jobs and published bodies when it is full; set it to noeviction`;
}
