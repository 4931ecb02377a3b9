import { afterAll, describe, expect, it } from '@jest/globals';
import { failFastConnection } from '#tasks';
import { SignInLimits } from './sign-in-limits.js';

describe('sign-in limits while Redis is away', () => {
  // Port 1: nobody listens there.
  const redis = failFastConnection(new URL('redis://127.0.0.1:1'), () => undefined);
  const limits = new SignInLimits(redis, 'test');
  afterAll(() => redis.disconnect());

  it('go on within the process', async () => {
    const attempt = { email: 'ada@example.com', ip: '192.0.2.1' };
    for (let n = 0; n < 10; n += 1) expect(await limits.count(attempt)).toBeUndefined();
    expect(await limits.count(attempt)).toBeGreaterThan(0);
    expect(await limits.count({ ...attempt, ip: '192.0.2.2' })).toBeUndefined();
    await limits.forgive(attempt);
    expect(await limits.count(attempt)).toBeUndefined();
  });
});
