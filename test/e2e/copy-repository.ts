import { execFile } from 'node:child_process';
import { cp, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Sources, tests, scripts, and the files beside them at the root. */
const FILES = /^(?:(?:apps|libs|migrations|bench|scripts|test)\/.*|[^/]+)$/;

/** Copies what git knows and what is new, and links the packages that are installed here. */
export async function copyRepository(target: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      maxBuffer: 16 * 2 ** 20,
    },
  );
  const files = stdout.split('\0').filter((file) => FILES.test(file));
  for (const file of files) await cp(resolve(file), join(target, file));
  await symlink(resolve('node_modules'), join(target, 'node_modules'));
}
