// Checks what is about to be committed: the format of staged files, and the types of the parts that they belong to.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inProject } from '../setup/project.mjs';
import { checksFor } from './checks-for.mjs';

const staged = spawnSync('git', ['diff', '--cached', '--name-only', '-z', '--diff-filter=ACMR'], { encoding: 'utf8' });
const files = staged.stdout.split('\0').filter(Boolean);
if (!existsSync(inProject('node_modules', '.bin', 'tsc'))) {
  console.log('the packages are not installed: nothing is checked before this commit');
  process.exit(0);
}
for (const { tool, args, fix } of checksFor(files)) {
  const { status } = spawnSync(inProject('node_modules', '.bin', tool), args, { stdio: 'inherit' });
  if (status === 0) continue;
  console.error(`\n  not committed: ${fix}. To commit it as it is: git commit --no-verify`);
  process.exit(1);
}
