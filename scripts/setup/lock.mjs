import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { step } from './progress.mjs';
import { inProject } from './project.mjs';
import { identify, isRunning } from './process-identity.mjs';

/** Held while packages are installed or sources compiled: both change what every command of this folder runs. */
export const setupLock = inProject('.setup.lock');
export const WAITING = 'waiting for another command that installs or compiles here';

/** @returns {Promise<import('./process-identity.mjs').ProcessIdentity | undefined>} the process that holds a lock now */
export async function holderOf(/** @type {string} */ lockFile) {
  return runningHolder(await contentOf(lockFile));
}

/**
 * Makes this process the only holder of a lock. A lock whose holder has ended, killed or not, is free.
 * @returns {Promise<(() => Promise<void>) | undefined>} releases it; undefined while another process holds it
 */
export async function takeLock(/** @type {string} */ lockFile) {
  const own = `${lockFile}.${process.pid}`;
  const content = JSON.stringify(identify(process.pid));
  await writeFile(own, content, { mode: 0o600 });
  try {
    while (!(await linked(own, lockFile))) {
      const found = await contentOf(lockFile);
      // Released a moment ago: another process may take it by now, so only the link may decide.
      if (found === undefined) continue;
      if (runningHolder(found)) return undefined;
      // Two processes may find the same stale lock; both replace it, and the later one wins.
      await rename(own, lockFile);
      await delay(100);
      if ((await contentOf(lockFile)) !== content) return undefined;
      break;
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(lockFile, { force: true });
}

/**
 * Runs `work` while this process holds a lock, after waiting for the process that holds it now.
 * @template T
 * @param {string} lockFile
 * @param {string} waiting what the screen shows meanwhile
 * @param {() => Promise<T>} work
 */
export async function whileLocked(lockFile, waiting, work) {
  const release = (await takeLock(lockFile)) ?? (await step(waiting, () => nextTurn(lockFile)));
  try {
    return await work();
  } finally {
    await release();
  }
}

async function nextTurn(/** @type {string} */ lockFile) {
  for (;;) {
    await delay(100);
    const release = await takeLock(lockFile);
    if (release) return release;
  }
}

/** @returns {Promise<string | undefined>} undefined where there is no such file */
async function contentOf(/** @type {string} */ lockFile) {
  return readFile(lockFile, 'utf8').catch(() => undefined);
}

function runningHolder(/** @type {string | undefined} */ content) {
  try {
    /** @type {import('./process-identity.mjs').ProcessIdentity} */
    const holder = JSON.parse(content ?? '');
    return isRunning(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
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
