import { productionPackages } from './lock.mjs';

/** Licences (SPDX) whose works may be part of a work under Apache-2.0. */
export const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Zlib',
  'Python-2.0',
]);

/**
 * Packages without a licence in their entry, with the licence that their publisher states for the package that loads
 * them. @type {Record<string, string>}
 */
const STATED_ELSEWHERE = {
  '@chdb/lib-darwin-arm64': 'Apache-2.0',
  '@chdb/lib-darwin-x64': 'Apache-2.0',
  '@chdb/lib-linux-arm64-gnu': 'Apache-2.0',
};

export const licenceOf = (/** @type {string} */ name, /** @type {import('./lock.mjs').LockEntry} */ { license }) =>
  license ?? STATED_ELSEWHERE[name];

/** Packages of production whose licence is unknown or not allowed: a sentence each. */
export function licenceProblems(/** @type {import('./lock.mjs').LockedPackages} */ packages) {
  return productionPackages(packages).flatMap(({ path, name, entry }) => {
    const licence = licenceOf(name, entry);
    if (licence === undefined) return [`${path} states no licence`];
    return isAllowed(licence)
      ? []
      : [`${path} is licensed under ${licence}, which is not on the list of scripts/supply/licences.mjs`];
  });
}

/** Of alternatives one is enough; of licences joined by AND all must be allowed. AND binds tighter than OR. */
export function isAllowed(/** @type {string} */ expression) {
  /** @type {string[]} */
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;
  const either = () => {
    let allowed = both();
    while (tokens[next] === 'OR') {
      next += 1;
      allowed = both() || allowed;
    }
    return allowed;
  };
  const both = () => {
    let allowed = one();
    while (tokens[next] === 'AND') {
      next += 1;
      allowed = one() && allowed;
    }
    return allowed;
  };
  /** @returns {boolean} */
  const one = () => {
    const token = tokens[next];
    next += 1;
    if (token !== '(') return token !== undefined && ALLOWED.has(token);
    const allowed = either();
    next += 1;
    return allowed;
  };
  const allowed = either();
  return allowed && next === tokens.length;
}
