// node scripts/copy-runtime.mjs FOLDER [--app NAME]… [--link]: puts what runs in production, and nothing else, into FOLDER:
// the bundles of these apps, or of all, and of node_modules the packages that are not in them. No compiler, no npm, no
// sources. Images are made of it. With --link files are hard links where the file system allows, which takes no space.
import { copyFile, link, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { RUNTIME_PARTS } from './setup/bundle.mjs';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { readLock } from './supply/lock.mjs';
import { closureOf } from './supply/runtime-packages.mjs';

/** Packages inside of a package are copied where they are needed. */
const LEFT_OUT = new Set(['node_modules', '.compile-cache']);

const { values, positionals } = parseArgs({
  options: { app: { type: 'string', multiple: true }, link: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [target] = positionals;
if (!target) throw new Error('say where to: node scripts/copy-runtime.mjs FOLDER [--app NAME]');
const put = values.link ? linkOrCopy : copyFile;

/** @type {import('./setup/bundle.mjs').RuntimeParts} */
const parts = JSON.parse(await readFile(inProject('dist', RUNTIME_PARTS), 'utf8'));
const apps = values.app ?? Object.keys(parts);
let bytes = 0;
let copied = 0;

const roots = new Set(apps.flatMap((app) => partsOf(app).packages));
const { packages } = await readLock();
for (const path of closureOf(packages, [...roots])) {
  // A package for another platform is rightly absent.
  if (!(await stat(inProject(path)).catch(() => undefined))) continue;
  await putTree(inProject(path), join(target, path));
  copied += 1;
}
for (const file of new Set(apps.flatMap((app) => partsOf(app).files))) {
  await putFile(inProject('dist', file), join(target, 'dist', file));
  await putFile(inProject('dist', `${file}.map`), join(target, 'dist', `${file}.map`));
}
await mkdir(target, { recursive: true });
const { name, version, type } = JSON.parse(await readFile(inProject('package.json'), 'utf8'));
await writeFile(join(target, 'package.json'), `${JSON.stringify({ name, version, type, private: true })}\n`);
say(`${target} holds ${apps.join(', ')}: bundles and ${copied} packages, ${(bytes / 1e6).toFixed(1)} MB`);

/** Hard links do not reach into another file system. */
async function linkOrCopy(/** @type {string} */ from, /** @type {string} */ to) {
  await link(from, to).catch(() => copyFile(from, to));
}

function partsOf(/** @type {string} */ app) {
  const own = parts[app];
  if (!own) throw new Error(`there is no app ${app}; there are ${Object.keys(parts).join(', ')}`);
  return own;
}

async function putTree(/** @type {string} */ from, /** @type {string} */ to) {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name)) continue;
    if (entry.isDirectory()) await putTree(join(from, entry.name), join(to, entry.name));
    else await putFile(join(from, entry.name), join(to, entry.name));
  }
}

async function putFile(/** @type {string} */ from, /** @type {string} */ to) {
  await mkdir(dirname(to), { recursive: true });
  await put(from, to);
  bytes += (await stat(from)).size;
}
