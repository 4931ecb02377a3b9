import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A path inside the project, whatever the current folder is. */
export const inProject = (/** @type {string[]} */ ...parts) => join(root, ...parts);
