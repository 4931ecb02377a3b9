import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The output of a generator.
 * @typedef {object} Skeleton
 * @property {Record<string, string>} files new files with their text, by their path in the project
 * @property {Insertion[]} insertions into existing files
 * @property {string[]} left the remaining steps
 */
/** @typedef {{ file: string, before: RegExp, text: string }} Insertion `before` matches where the text goes, once in the file */

/** The text with another text in front of what matches. @throws {Error} when nothing or several places match */
export function inserted(/** @type {string} */ content, /** @type {Insertion} */ { file, before, text }) {
  const places = [...content.matchAll(new RegExp(before.source, 'gm'))];
  const [place] = places;
  if (!place || places.length > 1)
    throw new Error(`${file} has ${places.length} places that match ${before}: the generator no longer fits it.`);
  return content.slice(0, place.index) + text + content.slice(place.index);
}

/**
 * Writes a skeleton, or nothing when any part of it does not fit.
 * @param {string} root the project
 * @param {Skeleton} skeleton
 * @returns {Promise<string[]>} the files that are new or changed
 */
export async function writeSkeleton(root, { files, insertions }) {
  const taken = [];
  for (const path of Object.keys(files))
    if (
      await access(join(root, path)).then(
        () => true,
        () => false,
      )
    )
      taken.push(path);
  if (taken.length > 0) throw new Error(`Nothing was written: ${taken.join(', ')} is there already.`);
  /** @type {Map<string, string>} */
  const changed = new Map();
  for (const insertion of insertions) {
    const content = changed.get(insertion.file) ?? (await readFile(join(root, insertion.file), 'utf8'));
    changed.set(insertion.file, inserted(content, insertion));
  }
  const all = [...Object.entries(files), ...changed];
  for (const [path, text] of all) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return all.map(([path]) => path);
}
