import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inProject } from '../setup/project.mjs';

/**
 * The declared dependencies of a package of this repository, and the imports of its sources.
 * @typedef {{
 *   folder: string, name: string,
 *   dependencies: readonly string[], devDependencies: readonly string[],
 *   imported: ReadonlySet<string>, importedByTests: ReadonlySet<string>,
 * }} OwnPackage
 */

/** Packages that a library asks for by name when it starts, so that no source imports them. */
const LOADED_BY_NAME = new Set([
  '@apollo/server',
  '@as-integrations/fastify',
  '@graphql-yoga/render-graphiql',
  'class-transformer',
  'class-validator',
  'graphql',
  'mysql2',
  'reflect-metadata',
  'rxjs',
]);

/** The tools of tests, which the repository declares once for all. */
const OF_THE_REPOSITORY = new Set(['vitest', 'supertest', 'ioredis', 'mysql2']);

const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^'./][^']*)'/gm;

/** Imports without a declaration and declarations without an import: one sentence each. */
export function declarationProblems(/** @type {readonly OwnPackage[]} */ packages) {
  return packages.flatMap(({ folder, name, dependencies, devDependencies, imported, importedByTests }) => [
    ...[...imported]
      .filter((used) => used !== name && !dependencies.includes(used) && !devDependencies.includes(`@types/${used}`))
      .map((used) => `${folder}/package.json does not declare ${used}, which its sources import`),
    ...[...importedByTests]
      .filter((used) => used !== name && !OF_THE_REPOSITORY.has(used))
      .filter((used) => ![...dependencies, ...devDependencies].includes(used))
      .map((used) => `${folder}/package.json does not declare ${used}, which its tests import, among devDependencies`),
    ...dependencies
      .filter((declared) => !imported.has(declared) && !LOADED_BY_NAME.has(declared))
      .map((declared) => `${folder}/package.json declares ${declared}, which nothing there imports`),
  ]);
}

/** The packages of the repository as they are. @returns {Promise<OwnPackage[]>} */
export async function readOwnPackages() {
  const folders = await Promise.all(
    ['apps', 'libs'].map(async (kind) => (await readdir(inProject(kind))).map((name) => `${kind}/${name}`)),
  );
  return Promise.all(folders.flat().sort().map(readOwnPackage));
}

/** @returns {Promise<OwnPackage>} */
async function readOwnPackage(/** @type {string} */ folder) {
  const {
    name,
    dependencies = {},
    devDependencies = {},
  } = JSON.parse(await readFile(inProject(folder, 'package.json'), 'utf8'));
  /** @type {Set<string>} */
  const imported = new Set();
  /** @type {Set<string>} */
  const importedByTests = new Set();
  for (const file of await sourcesIn(folder)) {
    const text = await readFile(inProject(file), 'utf8');
    for (const found of importsOf(text)) (isOfTests(file) ? importedByTests : imported).add(found);
  }
  return {
    folder,
    name,
    dependencies: Object.keys(dependencies),
    devDependencies: Object.keys(devDependencies),
    imported,
    importedByTests,
  };
}

/** The packages that a source imports, without Node's own and the compiled libs (`#built/…`): `@scope/name/file` is of `@scope/name`. */
export function importsOf(/** @type {string} */ text) {
  return [...text.matchAll(IMPORT)]
    .map(([, module = '']) =>
      module
        .split('/')
        .slice(0, module.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    .filter((name) => !name.startsWith('node:') && !name.startsWith('#'));
}

const isOfTests = (/** @type {string} */ file) =>
  /(spec|contract)\.ts$|\/testing\/|\/test\//.test(file) || file.startsWith('libs/testing/');

async function sourcesIn(/** @type {string} */ folder) {
  const entries = await readdir(inProject(folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(inProject().length + 1))
    .filter((file) => !file.includes('node_modules/'));
}
