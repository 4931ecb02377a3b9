import { expect, test } from 'vitest';
import { checksFor } from './checks-for.mjs';

test.each([
  { files: [], tools: [] },
  { files: ['README.md'], tools: ['prettier'] },
  { files: ['apps/edge/src/main.ts'], tools: ['prettier', 'tsc --noEmit'] },
  { files: ['scripts/start.mjs'], tools: ['prettier', 'tsc -p'] },
  { files: ['libs/audience/index.ts', 'scripts/dev/edits.spec.ts'], tools: ['prettier', 'tsc --noEmit', 'tsc -p'] },
])('$files are checked by $tools', ({ files, tools }) => {
  expect(checksFor(files).map(({ tool, args }) => (tool === 'tsc' ? `${tool} ${args[0]}` : tool))).toEqual(tools);
});
