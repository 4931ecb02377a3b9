import { readFile } from 'node:fs/promises';
import { run } from './command.mjs';
import { step } from './progress.mjs';
import { inProject } from './project.mjs';

/** @typedef {Record<string, { version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }>} Packages */

/**
 * Brings node_modules in line with package-lock.json; does nothing when it is. What only tests need is installed with
 * `development`, and kept up where it is already.
 */
export async function installDependencies({ development = false } = {}) {
  const installed = await packagesIn('node_modules', '.package-lock.json');
  const withDev = development || Object.values(installed ?? {}).some(({ dev }) => dev);
  if (installed && agree(installed, (await packagesIn('package-lock.json')) ?? {}, withDev)) return;
  const dev = withDev ? '--include=dev' : '--omit=dev';
  await step('installing packages (npm ci)', () =>
    run('npm', ['ci', dev, '--include=optional', '--no-fund', '--no-audit'], { cwd: inProject() }),
  );
}

/**
 * npm keeps a record of what it put into node_modules, written when it has finished. Compared with the lock file it tells
 * whether something is missing or of another version, also after `git pull` or a broken-off installation.
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

/** @returns {Promise<Packages | undefined>} */
async function packagesIn(/** @type {string[]} */ ...path) {
  try {
    return JSON.parse(await readFile(inProject(...path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
