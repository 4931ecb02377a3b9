import { expect, test } from 'vitest';
import { summary } from './matrix-summary.mjs';

test('each row has the worst of its repetitions, and the seeds that failed', () => {
  const about = { row: 'redis-full', publishes: 3, reads: 1_000, readP99Ms: 9 };
  const table = summary([
    { ...about, seed: 7, wallMs: 20_000, convergedMs: 300, problems: [] },
    { ...about, seed: 8, wallMs: 31_000, convergedMs: 1_240, readP99Ms: 4, problems: ['a step back'] },
    { row: 'upgrade', seed: 7, wallMs: 9_000, measured: '12 releases', problems: [] },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| redis-full | 1 of 2 | 1.2 | 6 | 2000 | 9 | 31.0 | failed: seed 8 |',
    '| upgrade | 1 of 1 |  | 0 | 0 |  | 9.0 | 12 releases |',
  ]);
});
