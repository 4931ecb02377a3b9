import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, PrivateMariaDb } from '#built/processes';
import { run } from '../setup/command.mjs';
import { ensureInstalled } from '../setup/packages.mjs';
import { inProject } from '../setup/project.mjs';

const dataSource = inProject('dist', 'apps', 'control-plane', 'src', 'database', 'cli-data-source.js');
const typeorm = inProject('node_modules', 'typeorm', 'cli.js');

/** Runs every migration on an empty database, then asks TypeORM what it would still change. */
export async function migrationsAgree(/** @type {string} */ node) {
  await ensureInstalled(['mariadb']);
  const dir = await mkdtemp(join(tmpdir(), 'paddock-drift-'));
  const server = new PrivateMariaDb({
    dir,
    port: await freePort(),
    password: 'test',
    database: 'drift',
    durable: false,
  });
  try {
    await server.start();
    // With the type `mariadb`, TypeORM compares column defaults in this server's notation.
    const env = { DATABASE_URL: server.url.replace(/^mysql:/, 'mariadb:') };
    await run(node, [typeorm, 'migration:run', '--dataSource', dataSource], { env });
    await run(node, [typeorm, 'migration:generate', 'drift', '--check', '--dataSource', dataSource], { env });
    return [];
  } finally {
    await server.kill9();
    await rm(dir, { recursive: true, force: true });
  }
}
