// node scripts/tool.mjs <tool> <arguments>: runs a tool of development, such as eslint, after installing the packages that only tests and checks need.
import { spawn } from 'node:child_process';
import { installDependencies } from './setup/install.mjs';
import { explain } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';

const [tool = '', ...args] = process.argv.slice(2);
try {
  await installDependencies({ development: true });
  const child = spawn(inProject('node_modules', '.bin', tool), args, { cwd: inProject(), stdio: 'inherit' });
  child.on('error', (error) => {
    explain(error);
    process.exitCode = 1;
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
} catch (error) {
  explain(error);
  process.exitCode = 1;
}
