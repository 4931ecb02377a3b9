import { createHash } from 'node:crypto';
import { run, works } from '../setup/command.mjs';
import { step } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';
import { localFolder } from './files.mjs';

/** One project per folder, so that two installations do not share data. */
const projectName = `paddock-local-${createHash('sha256').update(localFolder).digest('hex').slice(0, 8)}`;

const compose = (/** @type {string[]} */ args, env = {}) =>
  run('docker', ['compose', '-p', projectName, '-f', inProject('deploy', 'local-servers.yml'), ...args], { env });

/** Does a Docker engine answer, and does it know Compose? */
export async function dockerAnswers() {
  return (await works('docker', 'info')) && (await works('docker', 'compose', 'version'));
}

/**
 * @param {import('../setup/packages.mjs').ServerName[]} names
 * @param {Record<string, string>} env ports and passwords
 */
export function composeUp(names, env) {
  return step('starting MariaDB and Redis with Docker Compose', () => compose(['up', '--detach', '--wait', ...names], env));
}

export async function composeStop() {
  await compose(['stop'], noSecrets);
}

/** Removes the containers and their data, if there are any. */
export async function composeRemove() {
  if (await dockerAnswers()) await compose(['down', '--volumes'], noSecrets);
}

/** Compose wants every password of the file, also to stop. */
const noSecrets = { MARIADB_PASSWORD: 'none', REDIS_PASSWORD: 'none' };
