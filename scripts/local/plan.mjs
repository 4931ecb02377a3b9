import { stat } from 'node:fs/promises';
import { COMPILING, isBuilt } from '../setup/build.mjs';
import { neededInstallation } from '../setup/install.mjs';
import { inLocal } from './files.mjs';

/** Titles of the steps of `npm start`. */
export const STARTING_SERVERS = 'starting MariaDB and Redis';
export const MIGRATING = 'migrating the database';
export const SEEDING = 'seeding the sample site';
export const STARTING_APPS = 'starting the apps';
export const DELIVERING = 'delivering the sample site';

/** Rough seconds of each step on an idle machine of two cores: only shares for the estimate, which corrects itself as steps end. */
const SECONDS = {
  install: 25,
  compile: 6,
  servers: { first: 3, later: 1 },
  migrate: { first: 4, later: 2 },
  seed: 4,
  apps: 6,
  deliver: 1,
};

/**
 * The steps that this start is going to take. The servers' Debian packages are not among them: whether they are missing
 * is known when the sources are compiled.
 * @param {import('./settings.mjs').StartSettings} settings
 * @returns {Promise<import('../setup/estimate.mjs').PlannedStep[]>}
 */
export async function planOfStart({ databaseUrl }) {
  const installation = await neededInstallation();
  // Without its compilers nothing can be compiled, so that it is not compiled yet is all that counts.
  const compiled = installation === undefined && (await isBuilt());
  const first = databaseUrl === undefined && !(await exists(inLocal('mysql')));
  const age = first ? 'first' : 'later';
  return [
    ...(installation ? [{ title: installation, seconds: SECONDS.install }] : []),
    ...(compiled ? [] : [{ title: COMPILING, seconds: SECONDS.compile }]),
    { title: STARTING_SERVERS, seconds: SECONDS.servers[age] },
    { title: MIGRATING, seconds: SECONDS.migrate[age] },
    ...(first ? [{ title: SEEDING, seconds: SECONDS.seed }] : []),
    { title: STARTING_APPS, seconds: SECONDS.apps },
    ...(first ? [{ title: DELIVERING, seconds: SECONDS.deliver }] : []),
  ];
}

const exists = (/** @type {string} */ path) =>
  stat(path).then(
    () => true,
    () => false,
  );
