import { afterAll, describe, expect, it } from 'vitest';
import { failFastConnection } from '@paddock/tasks';
import { SignInLimits } from './sign-in-limits.js';

describe('sign-in limits while Redis is unreachable', () => {
  // Port 1: no process listens there.
  const redis = failFastConnection(new URL('redis://127.0.0.1:1'), () => undefined);
  const limits = new SignInLimits(redis, 'test');
  afterAll(() => redis.disconnect());

  it('continue within the process', async () => {
    const attempt = { email: 'ada@example.com', ip: '192.0.2.1' };
    for (let n = 0; n < 10; n += 1) expect(await limits.count(attempt)).toBeUndefined();
    expect(await limits.count(attempt)).toBeGreaterThan(0);
    expect(await limits.count({ ...attempt, ip: '192.0.2.2' })).toBeUndefined();
    await limits.forgive(attempt);
    expect(await limits.count(attempt)).toBeUndefined();
  });

  const failFrom = async (email: string, networks: readonly string[], each = 10): Promise<void> => {
    for (const ip of networks) for (let n = 0; n < each; n += 1) await limits.count({ email, ip });
  };

  it('attacked-from-many-networks: a stranger is stopped after a hundred, and the owner comes in from where they always do', async () => {
    const owner = { email: 'owner@example.com', ip: '198.51.100.7' };
    await limits.count(owner);
    await limits.forgive(owner);
    await failFrom(
      owner.email,
      Array.from({ length: 10 }, (_, n) => `203.0.113.${n}`),
    );
    expect(await limits.count({ ...owner, ip: '203.0.113.200' })).toBeGreaterThan(0);
    expect(await limits.count(owner)).toBeUndefined();
  });

  it('attacked-from-their-own-network: others who signed in from there before come in', async () => {
    const ip = '198.51.100.99';
    const colleague = { email: 'colleague@example.com', ip };
    await limits.count(colleague);
    await limits.forgive(colleague);
    for (let n = 0; n < 1_001; n += 1) await limits.count({ email: `victim-${n}@example.com`, ip });
    expect(await limits.count({ email: 'one-more@example.com', ip })).toBeGreaterThan(0);
    expect(await limits.count(colleague)).toBeUndefined();
  });

  it('the addresses of one IPv6 /64 are one network, and IPv4 within IPv6 is IPv4', async () => {
    await failFrom(
      'six@example.com',
      Array.from({ length: 10 }, (_, n) => `2001:db8::${n + 1}`),
      1,
    );
    expect(await limits.count({ email: 'six@example.com', ip: '2001:db8::ff' })).toBeGreaterThan(0);
    await failFrom('four@example.com', ['192.0.2.5']);
    expect(await limits.count({ email: 'four@example.com', ip: '::ffff:192.0.2.5' })).toBeGreaterThan(0);
  });
});
