import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { setupLock, WAITING, whileLocked } from './lock.mjs';
import { step } from './progress.mjs';
import { inProject } from './project.mjs';

const folders = ['apps', 'libs', 'migrations', 'bench'];
const settings = [
  '.swcrc',
  'nest-cli.json',
  'package-lock.json',
  'scripts/setup/compile.mjs',
  'scripts/setup/bundle.mjs',
  'scripts/setup/compile-tree.mjs',
  'scripts/setup/own-packages.mjs',
];

/** The title of its step. */
export const COMPILING = 'compiling';

/** Are the compiled sources those that are here? */
export async function isBuilt() {
  return (await compiledHash()) === (await sourcesNow()).hash;
}

/** Compiles the sources into dist, when they are not those that are compiled there. */
export async function build() {
  if (await isBuilt()) return;
  await whileLocked(setupLock, WAITING, async () => {
    const { hash } = await sourcesNow();
    // The other command may have compiled them.
    if ((await compiledHash()) === hash) return;
    await step(COMPILING, () => compile(hash));
  });
}

/** The TypeScript files that are compiled, and the hash of these and of what compiles them. */
export async function sourcesNow() {
  const sources = (await Promise.all(folders.map(sourcesIn))).flat().sort();
  return { sources, hash: await hashOf([...sources, ...settings]) };
}

/** Into a new folder that then takes the old one's place, so that no file outlives its source and no half of a tree is ever run. */
async function compile(/** @type {string} */ hash) {
  const fresh = `dist.${process.pid}`;
  try {
    // In a separate process, because the memory of two compilers would stay in `npm start`, which runs for days.
    await run(process.execPath, [inProject('scripts', 'setup', 'compile-tree.mjs'), fresh], { cwd: inProject() });
    await writeFile(inProject(fresh, '.sources'), hash);
    await rm(inProject('dist'), { recursive: true, force: true });
    await rename(inProject(fresh), inProject('dist'));
  } finally {
    await rm(inProject(fresh), { recursive: true, force: true });
  }
}

/** TypeScript files under a folder that are part of the product, as paths inside the project. */
async function sourcesIn(/** @type {string} */ folder) {
  const entries = await readdir(inProject(folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/(spec|\.d)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(inProject().length + 1));
}

async function hashOf(/** @type {string[]} */ files) {
  const hash = createHash('sha256');
  const contents = await Promise.all(files.map((file) => readFile(inProject(file))));
  contents.forEach((content, index) => hash.update(`${files[index]}\0${content.length}\0`).update(content));
  return hash.digest('hex');
}

async function compiledHash() {
  return readFile(inProject('dist', '.sources'), 'utf8').catch(() => undefined);
}
