import { quoted, SourceError, type SourceSession } from '@paddock/foreign-database';
import { introspect } from '../inspection/introspect.js';
import type { TableSchema } from '../inspection/table-schema.js';
import { type WholeRow, wholeRows } from '../rows/scan.js';
import { columnSql } from '../rows/sql.js';
import { sameCell } from './decide-write.js';
import { type Dependent, sameRowSql, selfUpdating } from './dependents.js';
import { insertSql, literal } from './row-statements.js';

/** What is read of a dependent that is as it was. */
const THERE = undefined;

/**
 * Puts rows back that a write took along: those that were deleted, and references that were cleared. What others wrote
 * there since stays. It may be done again after a crash: what is back already is left alone.
 * @returns why some of them are not back
 */
export async function returnDependents(session: SourceSession, dependents: readonly Dependent[]): Promise<string[]> {
  const schemas = new Map(
    (await introspect(session, [...new Set(dependents.map(({ table }) => table))])).map((schema) => [
      schema.name,
      schema,
    ]),
  );
  let missing: { dependent: (typeof dependents)[number]; why: string | undefined }[] = dependents.map((dependent) => ({
    dependent,
    why: THERE,
  }));
  // A row may refer to one that comes later in the list: as long as something comes back, the others are tried again.
  for (let before = Infinity; missing.length > 0 && missing.length < before;) {
    before = missing.length;
    const next: typeof missing = [];
    for (const { dependent } of missing) {
      const why = await putBack(session, schemas.get(dependent.table), dependent);
      if (why !== THERE) next.push({ dependent, why });
    }
    missing = next;
  }
  return missing.map(({ dependent, why }) => `${nameForPeople(dependent)}: ${why ?? ''}`);
}

async function putBack(
  session: SourceSession,
  schema: TableSchema | undefined,
  dependent: Dependent,
): Promise<string | undefined> {
  if (!schema) return 'the table is missing';
  const [present] = await wholeRows(session, schema, sameRowSql(schema, dependent));
  try {
    if (dependent.op === 'DELETED' && !present)
      await session.write(insertSql(schema, dependent.row), { asStored: true });
    if (dependent.op === 'CLEARED' && present && isCleared(dependent, present))
      await session.write(referenceSql(schema, dependent), { asStored: true });
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'UNEXPECTED') throw error;
    return error.message;
  }
  // What a statement said about itself proves nothing.
  const [now] = await wholeRows(session, schema, sameRowSql(schema, dependent));
  return difference(schema, dependent, now);
}

function isCleared({ cleared }: Dependent, present: WholeRow): boolean {
  return cleared.every((name) => (present.get(name) ?? null) === null);
}

/** Gives a row its reference back, and changes nothing else of it. */
function referenceSql(schema: TableSchema, dependent: Dependent): string {
  const references = schema.columns
    .filter(({ name }) => dependent.cleared.includes(name))
    .map((column) => `${own(column)} = ${literal(dependent.row.get(column.name) ?? null, column)}`);
  const kept = selfUpdating(schema)
    .filter(({ name }) => !dependent.cleared.includes(name))
    .map((column) => `${own(column)} = ${own(column)}`);
  return `UPDATE ${quoted(schema.name)} AS t SET ${[...references, ...kept].join(', ')} WHERE ${sameRowSql(schema, dependent)}`;
}

/** What keeps the row, as it is now, from being what it was; of a cleared row only its reference counts. */
function difference(
  schema: TableSchema,
  { op, cleared, row }: Dependent,
  now: WholeRow | undefined,
): string | undefined {
  if (!now) return op === 'CLEARED' ? 'the row is missing' : 'the row is not there';
  const compared = schema.columns.filter(({ name, generated }) =>
    op === 'CLEARED' ? cleared.includes(name) : row.has(name) && !generated,
  );
  const different = compared
    .filter(({ name }) => !sameCell(now.get(name) ?? null, row.get(name) ?? null))
    .map(({ name }) => name);
  return different.length > 0 ? `the row says something else in ${different.join(', ')}` : THERE;
}

function own(schema: TableSchema['columns'][number]): string {
  return columnSql({ joined: false, schema });
}

function nameForPeople({ table, key, row }: Dependent): string {
  return `${table} ${key.map((name) => `${name} = ${row.get(name)?.toString('latin1') ?? 'NULL'}`).join(', ')}`;
}
