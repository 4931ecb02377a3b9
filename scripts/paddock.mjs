// npm run paddock -- <command>: the operator command, against what npm start runs here or what the environment names.
import { spawn } from 'node:child_process';
import { environmentFor } from './local/environment.mjs';
import { readJson, runFile } from './local/files.mjs';
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { inProject } from './setup/project.mjs';

await installDependencies();
const node = await findNode();
await build();

const run = await readJson(runFile);
const local = run
  ? { ...environmentFor({ databaseUrl: run.mysql, redisUrl: run.redis }), PADDOCK_URL: run.controlPlane, PADDOCK_EMAIL: run.signIn.email, PADDOCK_PASSWORD: run.signIn.password }
  : {};
const command = spawn(node, [inProject('dist', 'apps', 'cli', 'src', 'main.js'), ...process.argv.slice(2)], {
  env: { ...local, ...process.env },
  stdio: 'inherit',
});
command.on('exit', (code) => process.exit(code ?? 1));
