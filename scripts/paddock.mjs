// npm run paddock -- <command>: the operator command, against what npm start runs here or what the environment names.
import { spawn } from 'node:child_process';
import { auditCheckpoints, inLocal, readJson, runFile } from './local/files.mjs';
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { inProject } from './setup/project.mjs';

await installDependencies();
const node = await findNode();
await build();

const run = await readJson(runFile);
/** These change tables or make users; everything else does with less. */
const administers = ['migrate', 'seed', 'user'].includes(process.argv[2] ?? '');
const servers = administers ? run : run?.cli;
const local = run
  ? {
      DATABASE_URL: servers.mysql,
      REDIS_URL: servers.redis,
      PADDOCK_URL: run.controlPlane,
      PADDOCK_EMAIL: run.signIn.email,
      PADDOCK_PASSWORD: run.signIn.password,
      ...(await auditSettings()),
    }
  : {};
const command = spawn(node, [inProject('dist', 'apps', 'cli', 'src', 'main.js'), ...process.argv.slice(2)], {
  env: { ...local, ...process.env },
  stdio: 'inherit',
});
command.on('exit', (code) => process.exit(code ?? 1));

/** The evidence for `audit verify`: the public key of this installation and the signed heads outside the database. */
async function auditSettings() {
  const kept = await readJson(inLocal('audit-signing-key.json'));
  if (typeof kept?.key !== 'string') return {};
  // Compiled a moment ago, so it cannot be imported any earlier.
  const { parseSigningKey } = await import(
    inProject('dist', 'apps', 'control-plane', 'src', 'audit', 'heads', 'signed-head.js')
  );
  return { AUDIT_PUBLIC_KEYS: parseSigningKey(kept.key)?.publicKey, AUDIT_CHECKPOINTS: auditCheckpoints };
}
