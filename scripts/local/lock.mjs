import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { inLocal, readJson } from './files.mjs';
import { identify, isRunning } from './process-identity.mjs';

const localLock = inLocal('lock');

/** @returns {Promise<import('./process-identity.mjs').ProcessIdentity | undefined>} who runs Paddock here now */
export async function whoRuns(lockFile = localLock) {
  const holder = await readJson(lockFile);
  return holder && isRunning(holder) ? holder : undefined;
}

/**
 * Makes this process the one that runs Paddock here. A lock whose holder is gone, killed or not, counts as none.
 * @returns {Promise<(() => Promise<void>) | undefined>} gives it back; undefined when somebody else holds it
 */
export async function takeLock(lockFile = localLock) {
  const own = `${lockFile}.${process.pid}`;
  const content = JSON.stringify(identify(process.pid));
  await writeFile(own, content, { mode: 0o600 });
  try {
    if (!(await linked(own, lockFile))) {
      if (await whoRuns(lockFile)) return undefined;
      // Two may find the same stale lock; both put theirs in its place and the later one stands.
      await rename(own, lockFile);
      await delay(100);
      if ((await readFile(lockFile, 'utf8')) !== content) return undefined;
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(lockFile, { force: true });
}

/** Creates the lock file, whole, unless it exists. */
async function linked(/** @type {string} */ own, /** @type {string} */ lockFile) {
  try {
    await link(own, lockFile);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}
