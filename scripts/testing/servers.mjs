import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, PrivateMariaDb, PrivateRedis } from '#built/processes';
import { ensureInstalled, installCommand } from '../setup/packages.mjs';
import { step } from '../setup/progress.mjs';
import { makeTestFolder } from './folder.mjs';

/**
 * Starts MariaDB and Redis in a temporary folder, passes the variables for tests to `work`, and removes everything
 * afterwards.
 * @template T
 * @param {(env: Record<string, string>) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withThrowAwayServers(work) {
  const names = /** @type {const} */ (['mariadb', 'redis']);
  const { missing, reason } = await ensureInstalled([...names]);
  if (missing.length > 0) {
    throw new Error(
      `The tests kill and restart MariaDB and Redis, so both must be here: ${reason}\n  Type:\n\n    ${installCommand(missing)}`,
    );
  }
  const dir = await makeTestFolder();
  const mysql = new PrivateMariaDb({
    dir: join(dir, 'mysql'),
    port: await freePort(),
    password: 'test',
    durable: false,
  });
  const redis = new PrivateRedis({ dir: join(dir, 'redis'), port: await freePort(), password: 'test' });
  await step('starting MariaDB and Redis for the tests', () => Promise.all([mysql.start(), redis.start()]));
  try {
    return await work({ TEST_DATABASE_URL: mysql.url, TEST_REDIS_URL: redis.url, TMPDIR: join(dir, 'tmp') });
  } finally {
    await Promise.all([mysql.kill9(), redis.kill9()]);
    await rm(dir, { recursive: true, force: true });
  }
}
