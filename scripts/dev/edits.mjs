import { watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { inProject } from '../setup/project.mjs';

/** An editor writes a file several times per save. An edit is reported after this much quiet time. */
const quietMs = 40;
/** A file that is written without a pause is reported after this time. */
const longestMs = 500;

const isSource = (/** @type {string} */ file) => /\.ts$/.test(file) && !/(spec|\.d)\.ts$/.test(file);

/**
 * Reports edits of source files under folders of the project, several that come together at once. While one report is
 * worked on, further edits are collected for the next.
 * @param {readonly string[]} folders
 * @param {(files: readonly string[], since: number) => Promise<void>} onEdits gets paths inside the project, and when the
 * first of the edits was seen, in milliseconds of `performance.now()`
 * @param {string} [root] what the folders are in; the project where it is left out
 * @returns {() => void} ends it
 */
export function watchEdits(folders, onEdits, root = inProject()) {
  /** @type {Set<string>} */
  const edited = new Set();
  let since = 0;
  let working = false;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  async function report() {
    if (working) return;
    working = true;
    while (edited.size > 0) {
      const files = [...edited].sort();
      edited.clear();
      await onEdits(files, since);
    }
    working = false;
  }

  function note(/** @type {string} */ file) {
    if (!isSource(file)) return;
    if (edited.size === 0) since = performance.now();
    edited.add(file);
    clearTimeout(timer);
    timer = setTimeout(report, Math.min(quietMs, Math.max(0, since + longestMs - performance.now())));
  }

  /** Files that were written into a new folder before it was watched make no event of their own. */
  async function noteFolder(/** @type {string} */ folder) {
    const files = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    for (const file of files) note(`${folder}/${file}`);
  }

  const watchers = folders.map((folder) =>
    watch(join(root, folder), { recursive: true }, (event, name) => {
      if (!name) return;
      note(`${folder}/${name}`);
      if (event === 'rename' && extname(name) === '') void noteFolder(`${folder}/${name}`);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
