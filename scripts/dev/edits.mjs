import { watch } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../setup/project.mjs';

/** An editor that saves writes several times; an edit counts when nothing followed for so long. */
const quietMs = 40;

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
    timer = setTimeout(report, quietMs);
  }

  const watchers = folders.map((folder) =>
    watch(join(root, folder), { recursive: true }, (_, name) => name && note(`${folder}/${name}`)),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
