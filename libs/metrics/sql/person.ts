import { identifier, textLiteral } from './literals.js';

/**
 * The table that names the person behind an id, for each id that is not its own person. It is held in memory (engine
 * Join), so that a raw event finds its person by one look-up; the rule by which it is filled stands in ADR 0047.
 */
export const PERSONS_TABLE = 'persons';

/** Columns of {@link PERSONS_TABLE}. */
export const PERSONS_COLUMNS = ['id', 'person'] as const;

/** DDL of {@link PERSONS_TABLE}. A row that comes later replaces the earlier one of its id; an empty person says that the id is its own. */
export const PERSONS_DDL = `CREATE TABLE IF NOT EXISTS ${PERSONS_TABLE} (id String, person String) ENGINE = Join(ANY, LEFT, id) SETTINGS persistent = 0, join_any_take_last_row = 1`;

/** SQL of the person behind an id; an empty id has no person. The database is named, because alterations of tables run without a current one. */
export function personSql(id: string, database: string): string {
  return `ifNull(nullIf(joinGet(${textLiteral(`${database}.${PERSONS_TABLE}`)}, 'person', ${identifier(id)}), ''), ${identifier(id)})`;
}
