import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { run } from '../setup/command.mjs';
import { step } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';
import { environmentFor } from './environment.mjs';
import { inLocal, readJson } from './files.mjs';
import { MIGRATING, SEEDING } from './plan.mjs';

/** @typedef {{ signIn?: { email: string, password: string }, clientKey?: string }} Credentials */

const cli = inProject('dist', 'apps', 'cli', 'src', 'main.js');

/** Brings the tables up to date. */
export async function migrateDatabase(
  /** @type {string} */ node,
  /** @type {import('./servers.mjs').Servers} */ servers,
) {
  const migrations = environmentFor('migrations', servers, servers.userPasswords);
  await step(MIGRATING, async () => {
    await run(node, [inProject('dist', 'apps', 'odds', 'src', 'migrate.js')], { wholeEnv: migrations });
    // After those of odds: it gives users their rights in all tables.
    await run(node, [cli, 'migrate'], { wholeEnv: migrations });
  });
}

/**
 * Puts the sample site in, once.
 * @returns {Promise<{ credentials: Credentials, seededNow: boolean }>} the sample's credentials, where this installation made them
 */
export async function seedDatabase(/** @type {string} */ node, /** @type {import('./servers.mjs').Servers} */ servers) {
  const file = credentialsFile(servers);
  const made = `${file}.new`;
  const known = await readJson(file);
  if (known) return { credentials: known, seededNow: false };
  const seeding = environmentFor('seed', servers, { SEED_OUTPUT: made });
  await step(SEEDING, () => run(node, [cli, 'seed'], { wholeEnv: seeding }));
  // A database that has users already is not seeded, and its credentials are known to others.
  await rename(made, file);
  const credentials = (await readJson(file)) ?? {};
  return { credentials, seededNow: credentials.signIn !== undefined };
}

/** One per database: what another DATABASE_URL was seeded with is something else. The private one may change its port. */
function credentialsFile(/** @type {import('./servers.mjs').Servers} */ { databaseUrl, ownDatabase }) {
  if (ownDatabase) return inLocal('sample.json');
  const { host, pathname } = new URL(databaseUrl);
  return inLocal(
    `sample-${createHash('sha256')
      .update(host + pathname)
      .digest('hex')
      .slice(0, 8)}.json`,
  );
}
