import { readFile } from 'node:fs/promises';
import { run } from './command.mjs';
import { setupLock, WAITING, whileLocked } from './lock.mjs';
import { countPackages } from './npm-progress.mjs';
import { step } from './progress.mjs';
import { inProject } from './project.mjs';

/** Titles of its steps. */
export const INSTALLING = 'installing packages (npm ci)';
export const ADDING = 'adding packages (npm install)';

/** @typedef {Record<string, { version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }>} Packages */

/**
 * Brings node_modules in line with package-lock.json; does nothing when it is. Packages only for tests and checks are
 * installed with `development`, and kept up to date where they are installed already.
 */
export async function installDependencies({ development = false } = {}) {
  if ((await whatIsMissing(development)) === undefined) return;
  await whileLocked(setupLock, WAITING, async () => {
    // The other command may have installed it.
    const missing = await whatIsMissing(development);
    if (missing) await install(missing);
  });
}

/**
 * Adds to the installed packages, which is quicker than `npm ci` and removes nothing from running processes. If that is
 * not enough, node_modules is removed and installed again.
 * @param {{ installed: Packages | undefined, locked: Packages, withDev: boolean }} missing
 */
async function install({ installed, locked, withDev }) {
  const options = [withDev ? '--include=dev' : '--omit=dev', '--include=optional', '--no-fund', '--no-audit'];
  if (installed) {
    const added = await step(ADDING, (progress) =>
      npm(['install', '--no-save', ...options], countPackages(difference(installed, locked, withDev), progress)).then(
        () => true,
        () => false,
      ),
    );
    if (added && agree((await packagesIn('node_modules', '.package-lock.json')) ?? {}, locked, withDev)) return;
  }
  await step(INSTALLING, (progress) =>
    npm(['ci', ...options], countPackages(difference({}, locked, withDev), progress)),
  );
}

/** At this log level, npm prints which package it has fetched. */
const npm = (/** @type {string[]} */ args, /** @type {(line: string) => void} */ onLine) =>
  run('npm', [...args, '--loglevel=http'], { cwd: inProject(), onLine });

/** The step that {@link installDependencies} would begin with. */
export async function neededInstallation() {
  const missing = await whatIsMissing(false);
  if (!missing) return undefined;
  return missing.installed ? ADDING : INSTALLING;
}

async function whatIsMissing(/** @type {boolean} */ development) {
  const [installed, locked = {}] = await Promise.all([
    packagesIn('node_modules', '.package-lock.json'),
    packagesIn('package-lock.json'),
  ]);
  const withDev = development || Object.values(installed ?? {}).some(({ dev }) => dev);
  return installed && agree(installed, locked, withDev) ? undefined : { installed, locked, withDev };
}

/**
 * npm keeps a record of what it put into node_modules, written when it has finished. Compared with the lock file it
 * shows missing packages and other versions, also after `git pull` or an interrupted installation.
 * @param {Packages} installed
 * @param {Packages} locked
 * @param {boolean} withDev
 */
export function agree(installed, locked, withDev) {
  return Object.entries(locked).every(([path, { version, dev, optional, devOptional }]) => {
    if (path === '') return true;
    const present = installed[path];
    // An optional package for another platform is rightly absent.
    return present ? present.version === version : optional || devOptional || (dev && !withDev) || false;
  });
}

/**
 * How many packages are to be fetched.
 * @param {Packages} installed
 * @param {Packages} locked
 * @param {boolean} withDev
 */
export function difference(installed, locked, withDev) {
  return Object.entries(locked).filter(
    ([path, { version, dev, optional, devOptional }]) =>
      path !== '' && !optional && !devOptional && (withDev || !dev) && installed[path]?.version !== version,
  ).length;
}

/** @returns {Promise<Packages | undefined>} */
async function packagesIn(/** @type {string[]} */ ...path) {
  try {
    return JSON.parse(await readFile(inProject(...path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
