import { expect, test } from 'vitest';
import { resultIn, slowest, sum } from './suites.mjs';

test('a suite that could not be prepared counts as a failure', () => {
  const suite = (name: string, ...statuses: string[]) => ({
    name,
    status: statuses.length > 0 && statuses.every((status) => status === 'passed') ? 'passed' : 'failed',
    startTime: 1_000,
    endTime: 3_500,
    assertionResults: statuses.map((status, index) => ({ fullName: `${name} ${index}`, status })),
  });
  const testResults = [suite('a', 'passed', 'passed'), suite('b', 'failed', 'passed', 'failed'), suite('c', 'skipped')];
  expect(resultIn({ testResults })).toEqual({
    passed: 3,
    failed: 3,
    notRun: [],
    failedSuites: [
      { path: 'b', passed: 1, failed: 2, failures: ['b 0', 'b 2'] },
      { path: 'c', passed: 0, failed: 1, failures: [] },
    ],
    timings: ['a', 'b', 'c'].map((path) => ({ path, seconds: 2.5 })),
  });
});

test('a block of tests whose data is absent counts as nothing, and is named', () => {
  const names = ['captures did not run: there is no reference data in odds; set PADDOCK_DATA', 'something that ran'];
  const assertionResults = names.map((fullName) => ({ fullName, status: 'passed' }));
  const testResults = [{ name: 'a', status: 'passed', startTime: 0, endTime: 1, assertionResults }];
  expect(resultIn({ testResults })).toEqual({
    passed: 1,
    failed: 0,
    failedSuites: [],
    notRun: [names[0]],
    timings: [{ path: 'a', seconds: 0.001 }],
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

test('the slowest suites are listed, slowest first', () => {
  const timings = [
    { path: 'quick', seconds: 0.25 },
    { path: 'slow', seconds: 230 },
  ];
  expect(slowest(timings, 1)).toEqual(['  230.0 s  slow']);
});
