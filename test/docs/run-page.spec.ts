import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPage } from './run-page.js';

const block = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

describe('a page whose steps run', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-pages-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function run(...blocks: string[]): Promise<number> {
    const path = join(folder, 'page.md');
    await writeFile(path, blocks.join('\n'));
    return runPage(path, { env: { PATH: process.env['PATH'], NAME: 'Ada' }, graphql: {} });
  }

  test('keeps variables from step to step, and commands read nothing of what follows', async () => {
    const steps = [
      block('sh run', 'GREETING="hello $NAME"; cat'),
      block('sh run', 'echo "$GREETING"; false || true'),
      block('text output', 'hello Ada'),
      block('js run', 'console.log(process.env.NAME.length)'),
      block('text output', '3'),
    ];
    expect(await run(...steps)).toBe(3);
  });

  test.each([
    ['another output', block('sh run', 'echo one') + block('text output', 'two'), 'page.md:1: shown:'],
    ['a command that fails', `\n${block('sh run', 'echo why >&2; false')}`, 'page.md:2: exit code 1:\nwhy'],
    ['the end of the shell', block('sh run', 'exit 0'), 'the shell ended'],
    ['a module that throws', block('js run', 'throw new Error("no")'), 'no'],
    ['a service that is not there', block('graphql run', '{ a }'), 'there is no controlPlane here'],
  ])('is wrong for %s', async (_, markdown, message) => {
    await expect(run(markdown)).rejects.toThrow(message);
  });
});
