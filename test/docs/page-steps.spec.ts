import { describe, expect, test } from 'vitest';
import { fencedBlocks } from './fenced-blocks.js';
import { stepsOf } from './page-steps.js';

const page = `
Text.

\`\`\`sh run
echo one
\`\`\`
\`\`\`text output
one
\`\`\`

* in a list:

  \`\`\`graphql run eventually service=analytics keep=a:x.y,b:z
  { x { y } z }
  \`\`\`

\`\`\`ts
not.run();
\`\`\`
`;

describe('steps of a page', () => {
  test('are its blocks that say run, with their outputs, lines and words', () => {
    expect(stepsOf(fencedBlocks(page))).toEqual([
      {
        language: 'sh',
        service: 'controlPlane',
        eventually: false,
        keep: new Map(),
        text: 'echo one',
        line: 4,
        output: { language: 'text', text: 'one' },
      },
      {
        language: 'graphql',
        service: 'analytics',
        eventually: true,
        keep: new Map([
          ['a', 'x.y'],
          ['b', 'z'],
        ]),
        text: '{ x { y } z }',
        line: 13,
        output: undefined,
      },
    ]);
  });

  test.each([
    ['```text output\nx\n```', 'an output without a step'],
    ['```sh run\nx\n```\n```text output\nx\n```\n```text output\nx\n```', 'an output without a step'],
    ['```ruby run\nx\n```', 'ruby cannot run'],
    ['```sh rnu\nx\n```', 'says neither run nor output'],
    ['```sh run twice\nx\n```', 'twice means nothing'],
    ['```graphql run keep=x\nx\n```', 'keep=variable:path'],
    ['```graphql run service=x\nx\n```', 'x is no service'],
  ])('a mistake in an info string is an error: %j', (markdown, message) => {
    expect(() => stepsOf(fencedBlocks(markdown))).toThrow(message);
  });
});
