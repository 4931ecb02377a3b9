import { describe, expect, it } from 'vitest';
import { ALONE_PER_WINDOW, RefusalWindow, WINDOW_MS } from './refusal-window.js';

const attempt = (n: number) => ({ email: `user-${n % 3}@example.com`, ip: `192.0.2.${n}`, userId: null });

describe('refused sign-ins', () => {
  it('are reported one by one until they are many, then counted', () => {
    const window = new RefusalWindow();
    const alone = Array.from({ length: 100 }, (_, n) => window.countsAlone(attempt(n), 1_000 + n));
    expect(alone.filter(Boolean)).toHaveLength(ALONE_PER_WINDOW);
    expect(window.end()).toEqual({
      ...{ attempts: 100 - ALONE_PER_WINDOW, emails: 3, ips: 100 - ALONE_PER_WINDOW },
      ...{ since: '1970-01-01T00:00:01.020Z', until: '1970-01-01T00:00:01.099Z' },
    });
  });

  it('are reported one by one again in the next minute', () => {
    const window = new RefusalWindow();
    for (let n = 0; n < 30; n += 1) window.countsAlone(attempt(n), 0);
    expect(window.isOver(WINDOW_MS - 1)).toBe(false);
    expect(window.isOver(WINDOW_MS)).toBe(true);
    window.end();
    expect(window.countsAlone(attempt(1), WINDOW_MS)).toBe(true);
    expect(window.end()).toBeUndefined();
  });

  it('for a user that exists are reported one by one, however many others there are', () => {
    const window = new RefusalWindow();
    for (let n = 0; n < 1_000; n += 1) window.countsAlone(attempt(n), 0);
    expect(window.countsAlone({ ...attempt(1), userId: 'u' }, 0)).toBe(true);
  });

  it('of a million addresses take no memory without end', () => {
    const window = new RefusalWindow();
    for (let n = 0; n < 50_000; n += 1) window.countsAlone({ email: `e${n}`, ip: `i${n}`, userId: null }, 0);
    expect(window.end()).toMatchObject({ attempts: 50_000 - ALONE_PER_WINDOW, emails: 10_000, ips: 10_000 });
  });
});
