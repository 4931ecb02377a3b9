import { expect, test } from 'vitest';
import { counted, unsteady } from './second-look.mjs';

const suite = (path: string, passed: number, failures: string[]) => ({
  path,
  passed,
  failed: Math.max(1, failures.length),
  failures,
});
const first = {
  passed: 10,
  failed: 4,
  notRun: [],
  timings: [],
  failedSuites: [suite('a', 2, ['a1', 'a2']), suite('b', 0, []), suite('c', 1, ['c1'])],
};

test('what passes alone has passed, and is named', () => {
  const second = { passed: 9, failed: 0, notRun: [], timings: [], failedSuites: [] };
  expect(counted(first, second)).toEqual({ passed: 16, failed: 0 });
  expect(unsteady(first, second)).toEqual(['a1', 'a2', 'b', 'c1']);
});

test('what fails again has failed', () => {
  const second = {
    passed: 3,
    failed: 3,
    notRun: [],
    timings: [],
    failedSuites: [suite('a', 3, ['a2']), suite('b', 0, []), suite('c', 0, [])],
  };
  expect(counted(first, second)).toEqual({ passed: 10, failed: 3 });
  expect(unsteady(first, second)).toEqual(['a1']);
});
