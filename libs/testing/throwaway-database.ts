import { randomUUID } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { testServers } from './settings.js';

/** An empty database of one test. */
export interface ThrowawayDatabase {
  readonly name: string;
  readonly url: URL;
  drop(): Promise<void>;
}

/** Makes an empty database on the test server, or on the one given. */
export async function createDatabase(server: URL = testServers().databaseUrl): Promise<ThrowawayDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, (connection) =>
    connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`),
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name,
    url,
    drop: () => onServer(server, (connection) => connection.query(`DROP DATABASE IF EXISTS \`${name}\``)),
  };
}

async function onServer(server: URL, work: (connection: Connection) => Promise<unknown>): Promise<void> {
  const url = new URL(server);
  url.pathname = '/';
  const connection = await createConnection(url.href);
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
}
