// npm run check:lock: package-lock.json installs on every platform, names no registry and has a hash for every package.
// With --fix it corrects the file.
//
// npm leaves a platform's package out of the lock file when the registry at hand does not offer it, and `npm ci` then
// refuses the whole file everywhere. The contents of such an entry follow from the package's name.
import { writeFile } from 'node:fs/promises';
import { run } from './setup/command.mjs';
import { lockFile, readLock } from './supply/lock.mjs';
import { lockProblems, missingOptional, namingRegistry, withoutHash } from './supply/lock-problems.mjs';

const lock = await readLock();
if (process.argv.includes('--fix')) await fix();

const problems = lockProblems(lock.packages);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error('fix it: npm run check:lock -- --fix');
  process.exitCode = 1;
}

async function fix() {
  for (const { name, version } of missingOptional(lock.packages))
    lock.packages[`node_modules/${name}`] = entryFor(name, version);
  for (const { entry } of namingRegistry(lock.packages)) delete entry.resolved;
  for (const { path, name, entry } of withoutHash(lock.packages))
    lock.packages[path] = { ...entry, ...(await published(name, entry.version ?? '')) };
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  await writeFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
}

/** A version's hash and licence from the registry; undefined where it does not offer the package. */
async function published(/** @type {string} */ name, /** @type {string} */ version) {
  const answer = await run('npm', ['view', `${name}@${version}`, 'dist.integrity', 'license', '--json']).catch(
    () => '{}',
  );
  const { 'dist.integrity': integrity, license } = JSON.parse(answer || '{}');
  return { ...(integrity ? { integrity } : {}), ...(license ? { license } : {}) };
}

/** @returns {import('./supply/lock.mjs').LockEntry} */
function entryFor(/** @type {string} */ name, /** @type {string} */ version) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony'].includes(word));
  const cpu = words.find((word) =>
    ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64'].includes(word),
  );
  if (!os || !cpu || !/^\d/.test(version))
    throw new Error(`the platform of ${name}@${version} is unknown; run npm install where a registry offers it`);
  const libc = os === 'linux' ? (words.at(-1)?.startsWith('musl') ? ['musl'] : ['glibc']) : undefined;
  return { version, cpu: [cpu], ...(libc ? { libc } : {}), optional: true, os: [os] };
}
