// npm run house [-- --times]: sizes and shapes of the code; with --times also the duration of the steps of the inner
// loop. docs/house.md explains the figures.
import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { findNode } from './setup/node.mjs';
import { installDependencies } from './setup/install.mjs';
import { explain } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';

try {
  await installDependencies({ development: true });
  // TypeScript's parser is installed only now.
  const [{ measureFile }, { report }] = await Promise.all([
    import('./house/measure.mjs'),
    import('./house/report.mjs'),
  ]);
  const paths = filesOfGit().filter((path) => /^(apps|libs|migrations|test|bench)\/.*\.ts$/.test(path));
  const files = await Promise.all(
    paths.map(async (path) => measureFile(path, await readFile(inProject(path), 'utf8'))),
  );
  console.log(report(files));
  if (process.argv.includes('--times')) await times();
} catch (error) {
  explain(error);
  process.exitCode = 1;
}

function filesOfGit() {
  const { stdout, status } = spawnSync('git', ['ls-files', '-z'], {
    cwd: inProject(),
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  if (status !== 0) throw new Error('the files are those that git knows, and this is no repository of git');
  return stdout.split('\0').filter(Boolean);
}

async function times() {
  const node = await findNode();
  await rm(inProject('dist', '.sources'), { force: true });
  time('npm run build, all sources', node, ['scripts/build.mjs']);
  time('npm run build, nothing changed', node, ['scripts/build.mjs']);
  time('npm run test:unit -- kinds/promo', node, ['scripts/test-unit.mjs', 'kinds/promo']);
}

function time(/** @type {string} */ name, /** @type {string} */ command, /** @type {string[]} */ args) {
  const begun = performance.now();
  const { status } = spawnSync(command, args, { cwd: inProject(), stdio: 'ignore' });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`  ${name.padEnd(48)} ${status === 0 ? `${seconds} s` : 'failed'}`);
}
