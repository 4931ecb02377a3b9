// npm run check:secrets: no tracked file holds a secret. Works without internet access.
import { lstat, readFile } from 'node:fs/promises';
import { run } from './setup/command.mjs';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { findSecrets, unknownOf } from './supply/find-secrets.mjs';
import { KNOWN_CANARIES } from './supply/known-canaries.mjs';

const MAX_BYTES = 5_000_000;
/** Hashes of packages, which are random and public. */
const WITHOUT = new Set(['package-lock.json']);

const paths = (await run('git', ['ls-files', '-z'], { cwd: inProject() }))
  .split('\0')
  .filter((/** @type {string} */ path) => path !== '' && !WITHOUT.has(path));
const findings = (await Promise.all(paths.map(scan))).flat();
const { unknown, outdated } = unknownOf(findings, KNOWN_CANARIES);
for (const { path, line, kind, fingerprint } of unknown)
  console.error(`${path}:${line} holds what looks like a ${kind} (fingerprint ${fingerprint})`);
for (const { path, fingerprint } of outdated)
  console.error(`scripts/supply/known-canaries.mjs lists ${fingerprint} of ${path}, which is there no more`);
const good = unknown.length + outdated.length === 0;
say(`${good ? '✓' : '✗'} ${paths.length} tracked files hold no secret; ${KNOWN_CANARIES.length} canaries are known`);
if (!good) process.exitCode = 1;

async function scan(/** @type {string} */ path) {
  const file = inProject(...path.split('/'));
  // A file may be deleted and not committed yet. A link's target is scanned as a file of its own.
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile() || found.size > MAX_BYTES) return [];
  const content = await readFile(file);
  return content.includes(0) ? [] : findSecrets(path, content.toString('utf8'));
}
