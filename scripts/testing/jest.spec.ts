import { expect, test } from '@jest/globals';
import { resultIn, sum } from './jest.mjs';

test('a suite that could not be loaded counts as a failure', () => {
  const suite = (name: string, ...statuses: string[]) => ({
    name,
    status: statuses.length > 0 && statuses.every((status) => status === 'passed') ? 'passed' : 'failed',
    assertionResults: statuses.map((status, index) => ({ fullName: `${name} ${index}`, status })),
  });
  const testResults = [suite('a', 'passed', 'passed'), suite('b', 'failed', 'passed', 'failed'), suite('c')];
  expect(resultIn({ numPassedTests: 3, numFailedTests: 2, numRuntimeErrorTestSuites: 1, testResults })).toEqual({
    passed: 3,
    failed: 3,
    notRun: [],
    failedSuites: [
      { path: 'b', passed: 1, failed: 2, failures: ['b 0', 'b 2'] },
      { path: 'c', passed: 0, failed: 1, failures: [] },
    ],
  });
});

test('a block of tests whose data is absent counts as nothing, and is named', () => {
  const names = ['captures did not run: there is no reference data in odds; set PADDOCK_DATA', 'something that ran'];
  const assertionResults = names.map((fullName) => ({ fullName, status: 'passed' }));
  const testResults = [{ name: 'a', status: 'passed', assertionResults }];
  expect(resultIn({ numPassedTests: 2, numFailedTests: 0, numRuntimeErrorTestSuites: 0, testResults })).toEqual({
    passed: 1,
    failed: 0,
    failedSuites: [],
    notRun: [names[0]],
  });
});

test('runs add up', () => {
  expect(
    sum([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]),
  ).toEqual({ passed: 3, failed: 3 });
});
