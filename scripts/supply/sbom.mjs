import { createHash } from 'node:crypto';
import { findLocked, ownFolders, productionPackages } from './lock.mjs';
import { licenceOf } from './licences.mjs';

/** @typedef {import('./lock.mjs').LockedPackages} LockedPackages */

/**
 * The bill of materials of what runs in production, as CycloneDX 1.6: every package of the lock file that is not for
 * development alone, with its hash, licence and dependencies. (npm's own command leaves out packages that development
 * uses too, `@nestjs/core` among them.) The same lock file and time make the same bill.
 * @param {LockedPackages} packages
 * @param {{ name: string, version: string, license: string, description: string }} project
 * @param {Date} now
 */
export function sbomOf(packages, project, now) {
  const production = productionPackages(packages);
  const refs = new Map(
    production.map(({ path, name, entry }) => [path, `${purlOf(name, entry.version ?? '')}#${path}`]),
  );
  const root = purlOf(project.name, project.version);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([root, ...refs.values()]))}`,
    version: 1,
    metadata: {
      timestamp: now.toISOString(),
      lifecycles: [{ phase: 'pre-build' }],
      component: {
        type: 'application',
        'bom-ref': root,
        name: project.name,
        version: project.version,
        description: project.description,
        purl: root,
        licenses: licensesOf(project.license),
      },
    },
    components: production.map(({ path, name, entry }) => ({
      type: 'library',
      'bom-ref': refs.get(path),
      ...nameParts(name),
      version: entry.version,
      scope: entry.optional ? 'optional' : 'required',
      purl: purlOf(name, entry.version ?? ''),
      ...(entry.integrity ? { hashes: hashesOf(entry.integrity) } : {}),
      licenses: licensesOf(licenceOf(name, entry) ?? 'NOASSERTION'),
    })),
    dependencies: [
      { ref: root, dependsOn: usedByProject(packages, refs) },
      ...production.map(({ path }) => ({ ref: refs.get(path), dependsOn: usedBy(path, packages, refs) })),
    ],
  };
}

/** The dependencies of the project's own packages, without those for development. */
function usedByProject(/** @type {LockedPackages} */ packages, /** @type {ReadonlyMap<string, string>} */ refs) {
  return [...new Set(ownFolders(packages).flatMap((folder) => usedBy(folder, packages, refs)))].sort();
}

function usedBy(
  /** @type {string} */ path,
  /** @type {LockedPackages} */ packages,
  /** @type {ReadonlyMap<string, string>} */ refs,
) {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[path] ?? {};
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const found = names.map((name) => refs.get(findLocked(packages, path, name) ?? ''));
  return [...new Set(found.filter((ref) => ref !== undefined))].sort();
}

/** A package URL, as its specification writes those of npm. */
function purlOf(/** @type {string} */ name, /** @type {string} */ version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function nameParts(/** @type {string} */ full) {
  const [group, name] = full.split('/');
  return name === undefined ? { name: full } : { group, name };
}

function hashesOf(/** @type {string} */ integrity) {
  return integrity.split(' ').map((hash) => {
    const [algorithm = '', digest = ''] = hash.split(/-(.*)/);
    return { alg: algorithm.replace(/^sha(\d+)$/, 'SHA-$1'), content: Buffer.from(digest, 'base64').toString('hex') };
  });
}

function licensesOf(/** @type {string} */ licence) {
  if (licence === 'NOASSERTION') return [];
  return /[ (]/.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }];
}

/** A UUID (version 8, RFC 9562) made of the content. */
function uuidOf(/** @type {string} */ text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
