import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
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
  await linkPackages(join(target, 'node_modules'));
}

/** Packages of others are those that are installed here; those of the repository are the copied ones. */
async function linkPackages(target: string): Promise<void> {
  const own = '@paddock';
  await mkdir(join(target, own), { recursive: true });
  for (const name of await readdir('node_modules'))
    if (name !== own) await symlink(resolve('node_modules', name), join(target, name));
  for (const name of await readdir(`node_modules/${own}`))
    await symlink(await readlink(`node_modules/${own}/${name}`), join(target, own, name));
}
