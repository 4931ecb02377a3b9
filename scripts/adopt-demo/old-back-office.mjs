import { readFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { choosePort, PrivateMariaDb } from '#built/processes';
import { inLocal } from '../local/files.mjs';
import { inProject } from '../setup/project.mjs';

const PASSWORD = 'old-and-well-known';
const DATABASE = 'old_shop';

/** A small demo back office on its own MariaDB, beside the one that Paddock uses. */
export async function startOldBackOffice() {
  const port = await choosePort(43_306, '127.0.0.1');
  const server = new PrivateMariaDb({ dir: inLocal('adopt-demo'), port, password: PASSWORD, durable: false });
  await server.start();
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'paddock',
    password: PASSWORD,
    multipleStatements: true,
    charset: 'utf8mb4',
    dateStrings: true,
  });
  await connection.query(
    `DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE} CHARACTER SET latin1; USE ${DATABASE}`,
  );
  await connection.query(
    await readFile(inProject('apps', 'control-plane', 'src', 'adoption', 'demo', 'back-office.sql'), 'utf8'),
  );
  return {
    source: { host: '127.0.0.1', port, database: DATABASE, user: 'paddock', password: PASSWORD },
    /** The work of the old application. */
    run: (/** @type {string} */ sql) => connection.query(sql),
    /** A banner as the old application sees it. */
    async banner(/** @type {number} */ id) {
      const [rows] = await connection.query(
        'SELECT banner_title, banner_area, status, HEX(CONCAT_WS("|", banner_title, banner_url, banner_image, expire_date, status, sort_order)) AS bytes FROM banners WHERE banner_id = ?',
        [id],
      );
      return /** @type {{ banner_title: string, banner_area: string, status: number, bytes: string }[]} */ (rows)[0];
    },
    async stop() {
      await connection.end();
      await server.stop();
    },
  };
}
