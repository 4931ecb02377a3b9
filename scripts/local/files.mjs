import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inProject } from '../setup/project.mjs';

/** Everything that a local installation keeps; `npm run reset` removes it. PADDOCK_DIR names another. */
export const localFolder = resolve(process.env['PADDOCK_DIR'] || inProject('.paddock'));

export const inLocal = (/** @type {string[]} */ ...parts) => join(localFolder, ...parts);

/** Held by the `npm start` that runs with this folder. */
export const localLock = inLocal('lock');

/** The file that scripts read while Paddock runs. */
export const runFile = inLocal('run.json');

/** Signed heads of the audit log, outside the database. */
export const auditCheckpoints = inLocal('audit-checkpoints');

/** @returns {Promise<any>} undefined when it does not exist or is broken */
export async function readJson(/** @type {string} */ file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Readers see the old or the new content, never half of it. For its owner's eyes only. */
export async function writeJson(/** @type {string} */ file, /** @type {unknown} */ content) {
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

/** Closed to every other user of the machine, also where the folder was there before. */
export async function makeLocalFolder() {
  await mkdir(inLocal('logs'), { recursive: true, mode: 0o700 });
  await Promise.all([localFolder, inLocal('logs')].map((folder) => chmod(folder, 0o700)));
}
