import { findLocked, lockedPackages } from './lock.mjs';

/** @typedef {import('./lock.mjs').LockedPackages} LockedPackages */

/**
 * Packages for other platforms that the registry at hand does not offer, so that their hash is not known. On those
 * platforms npm trusts the registry for them. A new version needs a new look.
 */
export const UNHASHED = {
  '@chdb/lib-darwin-arm64': '26.7.3-stable.1',
  '@chdb/lib-darwin-x64': '26.7.3-stable.1',
  '@chdb/lib-linux-arm64-gnu': '26.7.3-stable.1',
};

/** Problems that make `npm ci` fail, differ between machines, or install an unchecked package: one sentence each. */
export function lockProblems(
  /** @type {LockedPackages} */ packages,
  /** @type {Record<string, string>} */ unhashed = UNHASHED,
) {
  return [
    ...missingOptional(packages).map(({ name, version }) => `package-lock.json lacks the optional ${name}@${version}`),
    ...namingRegistry(packages).map(({ path, entry }) => `package-lock.json takes ${path} from ${entry.resolved}`),
    ...withoutHash(packages)
      .filter(({ name, entry }) => unhashed[name] !== entry.version)
      .map(({ name, entry }) => `package-lock.json has no integrity hash for ${name}@${entry.version}`),
    ...withWeakHash(packages).map(
      ({ name, entry }) =>
        `package-lock.json checks ${name}@${entry.version} by ${entry.integrity?.split('-')[0]}, not sha512`,
    ),
  ];
}

/** @returns {{ name: string, version: string }[]} */
export function missingOptional(/** @type {LockedPackages} */ packages) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !findLocked(packages, path, name))
      .map(([name, version]) => ({ name, version })),
  );
}

export const namingRegistry = (/** @type {LockedPackages} */ packages) =>
  lockedPackages(packages).filter(({ entry }) => entry.resolved?.startsWith('http'));

export const withoutHash = (/** @type {LockedPackages} */ packages) =>
  lockedPackages(packages).filter(({ entry }) => !entry.integrity);

const withWeakHash = (/** @type {LockedPackages} */ packages) =>
  lockedPackages(packages).filter(
    ({ entry }) => entry.integrity && !entry.integrity.split(' ').some((hash) => hash.startsWith('sha512-')),
  );
