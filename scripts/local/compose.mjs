import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { run, works } from '../setup/command.mjs';
import { step } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';
import { localFolder } from './files.mjs';

/** One project per folder, so that two installations do not share data. */
const projectName = `paddock-local-${createHash('sha256').update(localFolder).digest('hex').slice(0, 8)}`;

const serversFile = inProject('deploy', 'local-servers.yml');

const compose = (/** @type {string[]} */ args, env = {}) =>
  run('docker', ['compose', '-p', projectName, '-f', serversFile, ...args], { env });

/** Does a Docker engine answer, and does it know Compose? */
export async function dockerAnswers() {
  return (await works('docker', 'info')) && (await works('docker', 'compose', 'version'));
}

/**
 * @param {import('../setup/packages.mjs').ServerName[]} names
 * @param {Record<string, string>} env ports and passwords
 */
export function composeUp(names, env) {
  return step('starting MariaDB and Redis with Docker Compose', () =>
    compose(['up', '--detach', '--wait', ...names], env),
  );
}

export async function composeStop() {
  await compose(['stop'], await noSecrets());
}

/** Removes the containers and their data, if there are any. */
export async function composeRemove() {
  if (await dockerAnswers()) await compose(['down', '--volumes'], await noSecrets());
}

/** Compose wants every password of the file, also to stop. */
async function noSecrets() {
  const demanded = (await readFile(serversFile, 'utf8')).matchAll(/\$\{(\w+):\?/g);
  return Object.fromEntries([...demanded].map(([, name = '']) => [name, 'none']));
}
