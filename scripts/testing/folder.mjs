import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory that most Linux machines have. */
const MEMORY = '/dev/shm';
/** What a whole run may need there, with room to spare. */
const NEEDED_BYTES = 8 * 2 ** 30;
const PREFIX = 'paddock-tests-';

/**
 * Makes the folder in which a run of the tests keeps its servers and all its files, in memory where there is room: to make
 * and drop the tables of a suite takes a disk 3 s, mostly waiting, and memory 0.3 s. What a killed process leaves behind is
 * the same in both; hazards of disks mount file systems of their own. It is removed when this process exits.
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
