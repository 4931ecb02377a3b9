import { DataSource } from 'typeorm';
import {
  accountOf,
  DATABASE_USERS,
  type DatabaseUser,
  databaseUserName,
  hasExactly,
  type TableGrants,
  urlAs,
  userStatements,
} from '@paddock/processes';

export interface UsersOptions {
  readonly grants: TableGrants;
  /** What the names of the users begin with. */
  readonly prefix: string;
  readonly passwords: Readonly<Partial<Record<DatabaseUser, string>>>;
}

/**
 * Makes the users of processes and gives them their privileges on the tables that exist. Each user whose password and
 * privileges are as they should be is left as it is, so processes that run lose nothing meanwhile. Needs a user that may
 * create users and grant what it has in the database. Returns the users that it made or changed.
 */
export async function applyUsers(
  administrator: DataSource,
  address: URL,
  options: UsersOptions,
): Promise<DatabaseUser[]> {
  const { prefix, passwords } = options;
  const tables: { name: string; place: string }[] = await administrator.query(
    'SELECT table_name AS name, table_schema AS place FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  const database = tables[0]?.place ?? '';
  const grants = Object.fromEntries(
    Object.entries(options.grants).filter(([table]) => tables.some(({ name }) => name === table)),
  );
  const changed: DatabaseUser[] = [];
  for (const user of DATABASE_USERS) {
    const password = passwords[user];
    if (password === undefined) continue;
    const shown = await grantsOf(address, databaseUserName(prefix, user), password);
    if (shown && hasExactly(grants, database, user, shown)) continue;
    for (const statement of userStatements(grants, { database, prefix, user, password }))
      await administrator.query(statement);
    changed.push(user);
  }
  return changed;
}

/** What a user says of itself; `undefined` where it cannot come in by this password. */
async function grantsOf(address: URL, username: string, password: string): Promise<string[] | undefined> {
  const url = new URL(urlAs(address, username, password));
  // Without a database: one that has no privilege there yet may not name it.
  url.pathname = '/';
  const source = new DataSource({ type: 'mysql', url: url.href, poolSize: 1, connectTimeout: 5_000 });
  try {
    await source.initialize();
    const rows: Record<string, string>[] = await source.query('SHOW GRANTS');
    return rows.flatMap((row) => Object.values(row));
  } catch {
    return undefined;
  } finally {
    if (source.isInitialized) await source.destroy();
  }
}

export interface ScriptOptions {
  readonly database: string;
  /** What the names of the users begin with. */
  readonly prefix: string;
  /** For a user that is missing; one that exists keeps its own. */
  readonly newPassword: () => string;
}

/** SQL for an operator's own server: everything that {@link applyUsers} would send. */
export function usersScript(grants: TableGrants, { database, prefix, newPassword }: ScriptOptions): string {
  const scripts = DATABASE_USERS.map((user) => {
    const [create = '', ...rest] = userStatements(grants, { database, prefix, user });
    const statements = [`${create} IDENTIFIED BY '${newPassword()}'`, ...rest];
    return [`-- ${accountOf(prefix, user)}`, ...statements.map((statement) => `${statement};`)].join('\n');
  });
  return scripts.join('\n\n');
}
