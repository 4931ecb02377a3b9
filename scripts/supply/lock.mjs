import { readFile } from 'node:fs/promises';
import { inProject } from '../setup/project.mjs';

/**
 * One package of package-lock.json.
 * @typedef {{
 *   name?: string, version?: string, resolved?: string, integrity?: string, license?: string,
 *   link?: boolean, dev?: boolean, devOptional?: boolean, optional?: boolean, hasInstallScript?: boolean,
 *   cpu?: string[], os?: string[], libc?: string[],
 *   dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 * }} LockEntry
 * @typedef {Record<string, LockEntry>} LockedPackages by their folder: `node_modules/a/node_modules/b`; the project itself is '', its own packages are `apps/a` and links to them
 */

export const lockFile = inProject('package-lock.json');

/** @returns {Promise<{ packages: LockedPackages }>} */
export async function readLock() {
  return JSON.parse(await readFile(lockFile, 'utf8'));
}

/** Is it the project itself, one of its own packages or a link to one? */
const isOwn = (/** @type {string} */ path, /** @type {LockEntry} */ { link }) =>
  link || !path.includes('node_modules/');

/** The folders of the project's own packages; the project itself is ''. */
export const ownFolders = (/** @type {LockedPackages} */ packages) =>
  Object.keys(packages).filter((path) => !path.includes('node_modules/'));

/** Every package of others, with its name. */
export function lockedPackages(/** @type {LockedPackages} */ packages) {
  return Object.entries(packages)
    .filter(([path, entry]) => !isOwn(path, entry))
    .map(([path, entry]) => ({
      path,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      entry,
    }));
}

/** Those that an installation without development packages has, on one platform or another. */
export const productionPackages = (/** @type {LockedPackages} */ packages) =>
  lockedPackages(packages).filter(({ entry }) => !entry.dev);

/**
 * The folder in which Node finds a package that another one imports: the node_modules of the importer, then of its
 * parents.
 * @returns {string | undefined} the folder
 */
export function findLocked(
  /** @type {LockedPackages} */ packages,
  /** @type {string} */ user,
  /** @type {string} */ name,
) {
  for (let folder = user; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}
