import type { Redis } from 'ioredis';

/**
 * The reason why this Redis must not be used; `undefined` if it is suitable. A Redis that evicts keys when it is full
 * would lose jobs and live bodies silently. @throws where the policy may not be read
 */
export async function objectionTo(redis: Redis): Promise<string | undefined> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return `maxmemory-policy is ${policy}: Redis would drop jobs and published bodies when it is full; set it to noeviction`;
}
