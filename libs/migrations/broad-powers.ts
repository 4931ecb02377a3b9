import type { DataSource } from 'typeorm';

/** Says so where this process's database user may change tables: fine for a trial, more than the process needs. Never fails. */
export async function noteBroadPowers(
  source: Pick<DataSource, 'query'>,
  logger: { info(message: string): void },
): Promise<void> {
  if (await mayChangeTables(source).catch(() => false)) logger.info(BROAD_POWERS);
}

/** Does this process's database user have more than the rows of its own tables: may it change tables? */
async function mayChangeTables(source: Pick<DataSource, 'query'>): Promise<boolean> {
  const rights = (view: string): string =>
    `SELECT privilege_type FROM information_schema.${view} WHERE privilege_type IN ('DROP', 'ALTER') AND grantee = ${OWN}`;
  const found: unknown = await source.query(
    `${rights('user_privileges')} UNION ${rights('schema_privileges')} LIMIT 1`,
  );
  return Array.isArray(found) && found.length > 0;
}

/** `'paddock'@'127.0.0.1'`, as the views name an account. */
const OWN = `CONCAT("'", SUBSTRING_INDEX(CURRENT_USER(), '@', 1), "'@'", SUBSTRING_INDEX(CURRENT_USER(), '@', -1), "'")`;

const BROAD_POWERS =
  'the database user of this process may change tables and the audit log; ' +
  '`paddock grants` prints a user for each process (docs/operations.md, "A user for each process")';
