/** The processes that have a user of their own in the database. Edge and analytics never use it. */
export const DATABASE_USERS = ['controlPlane', 'worker', 'odds', 'cli'] as const;
export type DatabaseUser = (typeof DATABASE_USERS)[number];

/** Which user may do what with which table: privileges as `GRANT` names them. */
export type TableGrants = Readonly<Record<string, Readonly<Partial<Record<DatabaseUser, readonly string[]>>>>>;

/** `paddock_control_plane`. */
export function databaseUserName(prefix: string, user: DatabaseUser): string {
  return `${prefix}_${user.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

/** The same address, as another user. */
export function urlAs(url: string | URL, username: string, password: string): string {
  const changed = new URL(url);
  changed.username = username;
  changed.password = password;
  return changed.href;
}

/** `DATABASE_PASSWORD_CONTROL_PLANE`: the variable with the password of a process's user, for the migrations. */
export function passwordVariable(user: DatabaseUser): string {
  return `DATABASE_PASSWORD_${user.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** A password of a database user stands in SQL, URLs and settings alike. */
export const isDatabasePassword = (text: string): boolean => /^[\w-]{12,}$/.test(text);

export interface UserStatements {
  readonly database: string;
  /** What the names of the users begin with. */
  readonly prefix: string;
  readonly user: DatabaseUser;
  /** See {@link isDatabasePassword}. A user that exists keeps its own when left out. */
  readonly password?: string;
}

/** The account, in quotes. It may come from any host that reaches the server: which ones do is for the network to say. */
export function accountOf(prefix: string, user: DatabaseUser): string {
  return `'${databaseUserName(prefix, user)}'@'%'`;
}

/** SQL that makes a process's user where it is missing and gives it exactly its privileges, whatever it had before. */
export function userStatements(grants: TableGrants, { database, prefix, user, password }: UserStatements): string[] {
  const account = accountOf(prefix, user);
  const grant = ([table, rights]: Row): string =>
    `GRANT ${rights.join(', ')} ON \`${database}\`.\`${table}\` TO ${account}`;
  return [
    `CREATE USER IF NOT EXISTS ${account}${password === undefined ? '' : ` IDENTIFIED BY '${password}'`}`,
    ...(password === undefined ? [] : [`ALTER USER ${account} IDENTIFIED BY '${password}'`]),
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`,
    ...tablesOf(grants, user).map(grant),
  ];
}

/** Does what `SHOW GRANTS` answers say exactly what the table of grants says? */
export function hasExactly(
  grants: TableGrants,
  database: string,
  user: DatabaseUser,
  shown: readonly string[],
): boolean {
  const wanted = tablesOf(grants, user).map(([table, rights]) => normal(rights.join(', '), `${database}.${table}`));
  const held = shown.flatMap((line) => {
    const [, rights = '', on = ''] = /^GRANT (.+?) ON (.+?) TO /.exec(line) ?? [];
    // USAGE is no privilege.
    return rights === 'USAGE' ? [] : [normal(rights, on)];
  });
  return wanted.sort().join('\n') === held.sort().join('\n');
}

type Row = readonly [table: string, rights: readonly string[]];

function tablesOf(grants: TableGrants, user: DatabaseUser): Row[] {
  return Object.entries(grants).flatMap(([table, rows]): Row[] => (rows[user] ? [[table, rows[user]]] : []));
}

/** One spelling for what MariaDB and MySQL write in different order and with different quotes. */
function normal(rights: string, on: string): string {
  const words = rights.replaceAll(/[`\s]/g, '').match(/\w+(?:\([^)]*\))?/g) ?? [];
  return `${words.map(sortColumns).sort().join()} ON ${on.replaceAll('`', '')}`;
}

function sortColumns(right: string): string {
  return right.replace(/\(([^)]*)\)/, (_, columns: string) => `(${columns.split(',').sort().join()})`);
}
