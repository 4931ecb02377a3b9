import { describe, expect, it } from 'vitest';
import { Health } from './health.js';

describe('Health', () => {
  it('is ready when nothing is registered', async () => {
    expect(await new Health().readiness()).toEqual({ ready: true, checks: {} });
  });

  it('shows every check and is not ready while one fails or throws', async () => {
    const health = new Health();
    health.register('database', () => ({ ok: true, ms: 1 }));
    health.register('artefacts', () => Promise.resolve({ ok: false, stale: '2026-11-20T10:00:00Z' }));
    health.register('queue', () => Promise.reject(new Error('connection refused')));
    expect(await health.readiness()).toEqual({
      ready: false,
      checks: {
        database: { ok: true, ms: 1 },
        artefacts: { ok: false, stale: '2026-11-20T10:00:00Z' },
        queue: { ok: false, error: 'connection refused' },
      },
    });
  });

  it('does not wait for a check that hangs', async () => {
    const health = new Health();
    health.register('hung', () => new Promise(() => undefined));
    const { ready, checks } = await health.readiness();
    expect(ready).toBe(false);
    expect(checks.hung?.error).toMatch(/no answer within/);
  });
});
