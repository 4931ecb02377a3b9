import { copyFile, stat, truncate } from 'node:fs/promises';
import { APP_NAMES } from '#built/processes';
import { inLocal } from './files.mjs';

const longestBytes = 20 * 2 ** 20;
const lookEveryMs = 30_000;
const names = ['mysql', 'redis', ...APP_NAMES];

export const logOf = (/** @type {string} */ name) => inLocal('logs', `${name}.log`);

/**
 * Rotates long logs, now and regularly; each keeps one predecessor. Writers append, so they continue in the emptied
 * file.
 */
export async function keepLogsShort() {
  await Promise.all(names.map(shorten));
  setInterval(() => Promise.all(names.map(shorten)).catch(() => undefined), lookEveryMs).unref();
}

async function shorten(/** @type {string} */ name) {
  const log = logOf(name);
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size < longestBytes) return;
  await copyFile(log, `${log}.1`);
  await truncate(log);
}
