// node scripts/copy-runtime.mjs FOLDER [--link]: puts what runs in production, and nothing else, into FOLDER: the compiled
// tree, and of node_modules the packages that are not in its bundles. No compiler, no npm, no sources. The image is made
// of it. With --link the files are hard links, which takes no space.
import { copyFile, link, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNTIME_PACKAGES } from './setup/bundle.mjs';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { readLock } from './supply/lock.mjs';
import { closureOf } from './supply/runtime-packages.mjs';

/** Packages inside of a package are copied where they are needed; the rest is for development. */
const LEFT_OUT = new Set(['node_modules', 'bench', '.compile-cache', '.sources']);

const [target] = process.argv.slice(2);
if (!target) throw new Error('say where to: node scripts/copy-runtime.mjs FOLDER');
const put = process.argv.includes('--link') ? link : copyFile;

const roots = JSON.parse(await readFile(inProject('dist', RUNTIME_PACKAGES), 'utf8'));
const { packages } = await readLock();
let copied = 0;
for (const path of closureOf(packages, roots)) {
  // A package for another platform is rightly absent.
  if (!(await stat(inProject(path)).catch(() => undefined))) continue;
  await putTree(inProject(path), join(target, path));
  copied += 1;
}
await putTree(inProject('dist'), join(target, 'dist'));
await copyFile(inProject('package.json'), join(target, 'package.json'));
say(`${target} holds the compiled tree and ${copied} packages`);

async function putTree(/** @type {string} */ from, /** @type {string} */ to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name)) continue;
    if (entry.isDirectory()) await putTree(join(from, entry.name), join(to, entry.name));
    else await put(join(from, entry.name), join(to, entry.name));
  }
}
