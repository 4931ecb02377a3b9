import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import {
  accountOf,
  DATABASE_USERS,
  type DatabaseUser,
  databaseUserName,
  passwordVariable,
  urlAs,
} from '@paddock/processes';
import { createDatabase, paddock, type ThrowawayDatabase } from '@paddock/testing';
import { TABLE_GRANTS } from '../../../migrations/grants.js';

const run = promisify(execFile);
const PASSWORD = 'first-password';

let database: ThrowawayDatabase;
let administrator: Connection;
let prefix: string;
const connections = new Map<DatabaseUser, Connection>();

const migrate = (password = PASSWORD): Promise<string> => {
  const passwords = Object.fromEntries(DATABASE_USERS.map((user) => [passwordVariable(user), password]));
  return paddock(['migrate'], { DATABASE_URL: database.url.href, DATABASE_USER_PREFIX: prefix, ...passwords });
};

const connect = (user: DatabaseUser, password = PASSWORD): Promise<Connection> =>
  createConnection(urlAs(database.url, databaseUserName(prefix, user), password));

/** Rows that the administrator sees. */
async function rows(sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  return (await administrator.query<RowDataPacket[]>(sql, values))[0];
}

async function as(user: DatabaseUser): Promise<Connection> {
  const connection = connections.get(user) ?? (await connect(user));
  connections.set(user, connection);
  return connection;
}

const attempt = async (user: DatabaseUser, sql: string): Promise<string> => {
  const connection = await as(user);
  return connection.query(sql).then(
    () => 'done',
    (error: Error) => (/denied/.test(error.message) ? 'denied' : error.message),
  );
};

beforeAll(async () => {
  database = await createDatabase();
  prefix = `g${database.name.slice(-10)}`;
  administrator = await createConnection(database.url.href);
  await run(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env: { DATABASE_URL: database.url.href } });
  await migrate();
});
afterAll(async () => {
  for (const connection of connections.values()) await connection.end();
  for (const user of DATABASE_USERS) await administrator.query(`DROP USER IF EXISTS ${accountOf(prefix, user)}`);
  await administrator.end();
  await database.drop();
});

test('every table has its row of rights, and every row its table', async () => {
  const tables = await rows('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()');
  expect(tables.map(({ name }) => String(name)).sort()).toEqual(Object.keys(TABLE_GRANTS).sort());
});

describe.each(DATABASE_USERS)('the user of %s', (user) => {
  test('may change no table, make no user, read no file and nothing of the server', async () => {
    const forbidden = [
      'DROP TABLE audit_entry',
      'DROP TABLE odds_market',
      'ALTER TABLE document ADD COLUMN x int',
      'CREATE TABLE mine (n int)',
      'TRUNCATE TABLE audit_entry',
      "CREATE USER mine IDENTIFIED BY 'x'",
      'SELECT * FROM mysql.global_priv',
      "SELECT LOAD_FILE('/etc/passwd') FROM mysql.user",
      'LOCK TABLES document WRITE',
      'CREATE TRIGGER t BEFORE INSERT ON audit_entry FOR EACH ROW SET @x = 1',
      `GRANT SELECT ON \`${database.name}\`.* TO CURRENT_USER()`,
    ];
    const answers = await Promise.all(forbidden.map(async (sql) => `${await attempt(user, sql)}: ${sql}`));
    expect(answers.filter((answer) => !answer.startsWith('denied'))).toEqual([]);
  });

  test('can change or remove no entry of the audit log, revision or used key', async () => {
    for (const table of ['audit_entry', 'revision', 'revision_reference', 'idempotency_key']) {
      const [column] = await rows(
        'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
        [table],
      );
      expect(await attempt(user, `UPDATE ${table} SET \`${column?.['name']}\` = \`${column?.['name']}\``)).toBe(
        'denied',
      );
      expect(await attempt(user, `DELETE FROM ${table}`)).toBe('denied');
    }
    expect(await attempt(user, 'DELETE FROM audit_chain')).toBe('denied');
    expect(await attempt(user, 'INSERT INTO audit_chain SELECT * FROM audit_chain')).toBe('denied');
  });
});

test('password hashes, sessions and tokens are for the control plane alone', async () => {
  expect(await attempt('controlPlane', 'SELECT password_hash FROM user')).toBe('done');
  for (const user of ['worker', 'odds', 'cli'] as const) {
    expect(await attempt(user, 'SELECT password_hash FROM user')).toBe('denied');
    expect(await attempt(user, 'SELECT * FROM user')).toBe('denied');
    expect(await attempt(user, 'SELECT * FROM session')).toBe('denied');
  }
  expect(await attempt('worker', 'SELECT id, email, active FROM user')).toBe('done');
});

test('odds has its own tables and no other; the control plane has none of them', async () => {
  expect(await attempt('odds', 'SELECT COUNT(*) FROM odds_market')).toBe('done');
  expect(await attempt('odds', 'SELECT COUNT(*) FROM document')).toBe('denied');
  expect(await attempt('controlPlane', 'SELECT COUNT(*) FROM odds_market')).toBe('denied');
});

test('the operator command reads the audit log', async () => {
  const cli = urlAs(database.url, databaseUserName(prefix, 'cli'), PASSWORD);
  expect(await paddock(['audit', 'verify'], { DATABASE_URL: cli })).toContain('the audit log is whole');
});

test('once more changes nothing, what was added by hand goes, and a new password holds', async () => {
  expect(await migrate()).not.toContain('has its privileges');
  await administrator.query(`GRANT DELETE ON \`${database.name}\`.audit_entry TO ${accountOf(prefix, 'worker')}`);
  expect(await migrate()).toContain('the database user of worker has its privileges');
  expect(await migrate('second-password')).toContain('the database user of odds has its privileges');
  await expect(connect('odds')).rejects.toThrow('denied');
  await (await connect('odds', 'second-password')).end();
});

test('the printed SQL makes the same users, and can be run again', async () => {
  const script = await paddock(['grants', '--database', database.name], { DATABASE_USER_PREFIX: `${prefix}s` });
  const statements = script
    .split(';\n')
    .map((statement) => statement.replace(/^(?:--.*\n|\n)+/g, ''))
    .filter((statement) => statement.trim() !== '');
  for (const statement of [...statements, ...statements]) await administrator.query(statement);
  const shown = await rows(`SHOW GRANTS FOR ${accountOf(`${prefix}s`, 'odds')}`);
  expect(JSON.stringify(shown)).toContain('`odds_price`');
  for (const user of DATABASE_USERS) await administrator.query(`DROP USER ${accountOf(`${prefix}s`, user)}`);
});
