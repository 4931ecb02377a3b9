import { expect, test } from '@jest/globals';
import { countsIn, sum } from './jest.mjs';

test('a suite that could not be loaded counts as a failure', () => {
  expect(countsIn({ numPassedTests: 7, numFailedTests: 2, numRuntimeErrorTestSuites: 1 })).toEqual({ passed: 7, failed: 3 });
});

test('runs add up', () => {
  expect(sum([{ passed: 1, failed: 0 }, { passed: 2, failed: 3 }])).toEqual({ passed: 3, failed: 3 });
});
