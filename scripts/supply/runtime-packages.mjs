import { findLocked } from './lock.mjs';

/** @typedef {import('./lock.mjs').LockedPackages} LockedPackages */

/**
 * The folders of the packages that processes load, and of all their dependencies. A name that is not in the lock is an
 * optional package that a library tries to load.
 * @param {LockedPackages} packages
 * @param {readonly string[]} roots names of packages
 */
export function closureOf(packages, roots) {
  /** @type {Set<string>} */
  const found = new Set();
  const waiting = roots.map((name) => findLocked(packages, '', name));
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (path === undefined || found.has(path)) continue;
    found.add(path);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      waiting.push(findLocked(packages, path, name));
  }
  return [...found].sort();
}
