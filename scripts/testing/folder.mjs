import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory that most Linux machines have. */
const MEMORY = '/dev/shm';
/** The space that a whole run may need, with a reserve. */
const NEEDED_BYTES = 8 * 2 ** 30;
const PREFIX = 'paddock-tests-';

/**
 * Creates the folder with the servers and all files of a test run, in memory where there is room: creating and dropping
 * the tables of a suite takes 3 s on a disk, mostly waiting, and 0.3 s in memory. A killed process leaves the same
 * files in both. Disk hazards mount their own file systems. It is removed when this process exits.
 * @returns {Promise<string>}
 */
export async function makeTestFolder() {
  const parent = await roomiest();
  await removeLeftovers(parent);
  const folder = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'tmp'));
  return folder;
}

async function roomiest() {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= NEEDED_BYTES ? MEMORY : tmpdir();
}

/** Removes the folders of runs that were killed. */
async function removeLeftovers(/** @type {string} */ parent) {
  for (const name of await readdir(parent)) {
    const [, pid] = /^paddock-tests-(\d+)-/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
