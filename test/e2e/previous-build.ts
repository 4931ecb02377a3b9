import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that is upgraded from: the last one before today's. */
export const PREVIOUS_COMMIT = '1ca3b884b0d0ec533fa1ff31e7c715dab05da651';

/**
 * Compiles a commit of this repository, with the current packages, and returns its compiled tree. A compiled tree is
 * reused.
 */
export async function buildCommit(commit: string): Promise<string> {
  const target = join(tmpdir(), `paddock-build-${commit}`);
  const dist = join(target, 'dist');
  if (await stat(dist).catch(() => undefined)) return dist;
  const source = await mkdtemp(join(tmpdir(), 'paddock-build-'));
  const archive = join(source, 'source.tar');
  await run('git', ['archive', '--output', archive, commit]);
  await run('tar', ['-xf', archive, '-C', source]);
  await rm(archive);
  await symlink(resolve('node_modules'), join(source, 'node_modules'));
  await run(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      "const { build } = await import('./scripts/setup/build.mjs'); await build(process.execPath);",
    ],
    { cwd: source },
  );
  await rm(target, { recursive: true, force: true });
  await rename(source, target);
  return dist;
}
