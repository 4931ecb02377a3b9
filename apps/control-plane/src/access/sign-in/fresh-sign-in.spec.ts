import { describe, expect, it } from 'vitest';
import { SYSTEM } from '../actor.js';
import { freshnessProblem } from './fresh-sign-in.js';

const NOW = new Date('2026-11-30T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const USER = { ...SYSTEM, id: 'u', type: 'USER' as const };

describe('a proof of the password', () => {
  it.each<[string, Date | undefined, string | undefined]>([
    ['a moment ago counts', NOW, undefined],
    ['just within the time counts', new Date(minutesAgo(15).getTime() + 1), undefined],
    ['just beyond the time does not', minutesAgo(15), 'FRESH_SIGN_IN_REQUIRED'],
    ['of yesterday does not', minutesAgo(1_440), 'FRESH_SIGN_IN_REQUIRED'],
    ['by a server whose clock is ahead counts', minutesAgo(-1), undefined],
    ['that was never given does not', undefined, 'FRESH_SIGN_IN_REQUIRED'],
  ])('%s', (_, confirmedAt, code) => {
    expect(freshnessProblem({ actor: USER, ...(confirmedAt ? { confirmedAt } : {}) }, 15, NOW)?.code).toBe(code);
  });

  it('is nothing that an API token could give', () => {
    expect(freshnessProblem({ actor: { ...USER, type: 'TOKEN' }, confirmedAt: NOW }, 15, NOW)?.code).toBe('FORBIDDEN');
  });
});
