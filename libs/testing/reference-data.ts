import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EnvReader } from '@paddock/runtime';

/** The folder of reference data beside the repository, or where `PADDOCK_DATA` says. */
export function referenceDataFolder(variables: Readonly<Record<string, string | undefined>> = process.env): string {
  const env = new EnvReader(variables);
  return env.done({ folder: resolve(env.text('PADDOCK_DATA', '../shared/data')) }).folder;
}

/** Vitest's `describe`, handed in: this library also serves programs that run outside Vitest. */
type DescribeBlock = (name: string, tests: () => void) => void;

/** Vitest's own, which is there wherever a block runs. */
declare const it: (name: string, test: () => void) => void;

/** How the name of the test begins that stands for a block without data; `npm test` lists those and does not count them. */
const DID_NOT_RUN = 'did not run:';

/**
 * Tests against data that is kept beside the repository, because its licence or size keeps it out. Where it is absent
 * nothing of the block runs, not even what reads its cases; one test in its place says why, and `npm test` repeats that
 * at its end.
 */
export function describeWithData(
  describe: DescribeBlock,
  name: string,
  path: string,
  tests: (file: (relative: string) => string) => void,
): void {
  const folder = join(referenceDataFolder(), path);
  describe(name, () => {
    if (existsSync(folder)) tests((relative) => join(folder, relative));
    else {
      it(`${DID_NOT_RUN} there is no reference data in ${path}; set PADDOCK_DATA`, () => {
        if (existsSync(folder)) throw new Error(`${folder} has appeared meanwhile: run this again`);
      });
    }
  });
}
