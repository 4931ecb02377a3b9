import { expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage.js';

it('frees what is no longer referred to', () => {
  const garbage: { list: number[][] | undefined } = {
    list: Array.from({ length: 100 }, () => Array.from({ length: 10_000 }, (_, i) => i + 0.5)),
  };
  const before = process.memoryUsage().heapUsed;
  expect(garbage.list?.length).toBe(100);
  garbage.list = undefined;
  collectGarbage();
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(5_000_000);
  expect('gc' in globalThis).toBe(false);
});
