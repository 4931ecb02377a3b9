// npm run check:lock: package-lock.json installs on every platform and names no registry. With --mend it makes it so.
//
// npm leaves a platform's package out of the lock file when the registry at hand does not offer it, and `npm ci` then
// refuses the whole file everywhere. What such an entry must say follows from the package's name.
import { readFile, writeFile } from 'node:fs/promises';
import { inProject } from './setup/project.mjs';

/** @typedef {{ version?: string, resolved?: string, optional?: boolean, cpu?: string[], os?: string[], libc?: string[], optionalDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, unknown> }} LockEntry */

const file = inProject('package-lock.json');
/** @type {{ packages: Record<string, LockEntry> }} */
const lock = JSON.parse(await readFile(file, 'utf8'));

const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => ({ name, version })),
);
const namingRegistry = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.startsWith('http'));

if (process.argv.includes('--mend')) {
  for (const { name, version } of missing) lock.packages[`node_modules/${name}`] = entryFor(name, version);
  for (const [, entry] of namingRegistry) delete entry.resolved;
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  await writeFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
} else if (missing.length + namingRegistry.length > 0) {
  for (const { name, version } of missing) console.error(`package-lock.json lacks the optional ${name}@${version}`);
  for (const [path, { resolved }] of namingRegistry) console.error(`package-lock.json takes ${path} from ${resolved}`);
  console.error('mend it: npm run check:lock -- --mend');
  process.exitCode = 1;
}

/** Node looks for a package in the node_modules of its user, then of that one's parents. */
function isLocked(/** @type {string} */ user, /** @type {string} */ name) {
  for (let folder = user; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** @returns {LockEntry} */
function entryFor(/** @type {string} */ name, /** @type {string} */ version) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony'].includes(word));
  const cpu = words.find((word) => ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64'].includes(word));
  if (!os || !cpu || !/^\d/.test(version)) throw new Error(`cannot tell for which platform ${name}@${version} is; npm install it where it is offered`);
  const libc = os === 'linux' ? (words.at(-1)?.startsWith('musl') ? ['musl'] : ['glibc']) : undefined;
  return { version, cpu: [cpu], ...(libc ? { libc } : {}), optional: true, os: [os] };
}
