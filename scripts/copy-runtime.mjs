// node scripts/copy-runtime.mjs FOLDER: copies what runs in production, and nothing else, into FOLDER: the compiled
// tree, and of node_modules the packages that are not in its bundles. No compiler, no npm, no sources. The image is made
// of it.
import { cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNTIME_PACKAGES } from './setup/bundle.mjs';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { readLock } from './supply/lock.mjs';
import { closureOf } from './supply/runtime-packages.mjs';

const [target] = process.argv.slice(2);
if (!target) throw new Error('say where to: node scripts/copy-runtime.mjs FOLDER');

const roots = JSON.parse(await readFile(inProject('dist', RUNTIME_PACKAGES), 'utf8'));
const { packages } = await readLock();
let copied = 0;
for (const path of closureOf(packages, roots)) {
  // A package for another platform is rightly absent.
  if (!(await stat(inProject(path)).catch(() => undefined))) continue;
  // Packages inside of it are copied where they are needed.
  await cp(inProject(path), join(target, path), { recursive: true, filter: (source) => !source.slice(inProject(path).length).includes('node_modules') });
  copied += 1;
}
await cp(inProject('dist'), join(target, 'dist'), { recursive: true, filter: (source) => !/\/(bench|\.compile-cache)$/.test(source) });
await cp(inProject('package.json'), join(target, 'package.json'));
say(`${target} holds the compiled tree and ${copied} packages`);
