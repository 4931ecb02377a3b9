import { expect, test } from '@jest/globals';
import { nodeProblem } from './node-version.js';

test.each(['v20.20.0', 'v18.0.0', 'v23.11.1'])('%s is refused, with the version that is needed', (version) => {
  expect(nodeProblem(version)).toContain('needs Node 24 or newer');
  expect(nodeProblem(version)).toContain(version);
});

test.each(['v24.0.0', 'v24.21.0', 'v26.1.0', process.version])('%s is good', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});
