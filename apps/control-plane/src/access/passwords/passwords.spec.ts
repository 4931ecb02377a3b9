import { describe, expect, it } from 'vitest';
import { Passwords, TooManyHashes } from './passwords.js';

describe('passwords', () => {
  const passwords = new Passwords();

  it('are stored as argon2id at OWASP’s cost or more', async () => {
    expect(await passwords.hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('match themselves and nothing else', async () => {
    const stored = await passwords.hash('correct horse');
    expect(await passwords.matches('correct horse', stored)).toBe(true);
    expect(await passwords.matches('correct horsf', stored)).toBe(false);
    expect(await passwords.matches('correct horse', undefined)).toBe(false);
  });

  it('take as long to check for an unknown user as for a known one', async () => {
    const stored = await passwords.hash('correct horse');
    // Of the processor, by turns: how long it takes on the clock depends on who else runs here.
    const took = async (expected: string | undefined): Promise<number> => {
      const started = process.cpuUsage();
      await passwords.matches('wrong', expected);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    const [nobodys, somebodys]: [number[], number[]] = [[], []];
    for (let n = 0; n < 9; n += 1) {
      nobodys.push(await took(undefined));
      somebodys.push(await took(stored));
    }
    const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[4] ?? 0;
    const ratio = median(nobodys) / median(somebodys);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('are checked a few at a time, and a flood is refused', async () => {
    const stored = await passwords.hash('correct horse');
    const flood = await Promise.allSettled(
      Array.from({ length: 60 }, () => passwords.matches('correct horse', stored)),
    );
    const refused = flood.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused.every(({ reason }) => reason instanceof TooManyHashes)).toBe(true);
    // Its turns were given back.
    expect(await passwords.matches('correct horse', stored)).toBe(true);
  });
});
