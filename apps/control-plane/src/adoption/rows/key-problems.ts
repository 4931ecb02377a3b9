import { quoted, type SourceSession } from '#foreign-database';
import { FieldProblem } from '../../graphql/problems.js';
import { isUniqueIn, naturalKey } from '../inspection/table-schema.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { cellShown, shortened } from '../mapping/map-row.js';
import { cellText } from '../mapping/transforms.js';
import { cellSql, columnSql, equalsSql, fromSql, keyColumns, whereSql } from './sql.js';

/** Of rows that have no key to name them by. */
const COLUMNS_SHOWN = 4;

/**
 * Do the data hold what a mapping relies on: that its key names one row, and that its join gives each row one partner?
 * Asked of the data only where no unique key of the tables says so already.
 */
export async function keyProblems(session: SourceSession, mapping: CompiledMapping): Promise<FieldProblem[]> {
  const { body, table, joined } = mapping;
  if (!isUniqueIn(table, body.key)) {
    const twice = await repeated(session, { ...mapping, body: withoutJoin(mapping), joined: undefined });
    if (twice) return [new FieldProblem('key', 'KEY_NOT_UNIQUE', `${body.key.join(', ')} does not name one row: ${twice.count} rows have ${twice.key}, such as ${await twoRows(session, mapping, twice.cells)}`)];
  }
  if (!joined || !body.join) return [];
  const joinedKey = [...body.join.on.map((pair) => pair.joined), ...(body.join.where ?? []).flatMap((filter) => (filter.operator === 'IN' && filter.values?.length === 1 ? [filter.column] : []))];
  if (isUniqueIn(joined, joinedKey)) return [];
  const many = await repeated(session, mapping);
  return many ? [new FieldProblem('join', 'JOIN_MULTIPLIES', `${joined.name} has ${many.count} rows for the row ${many.key} of ${table.name}; join on a unique key, or filter in join.where`)] : [];
}

/** Filters on the joined table cannot be asked without it; the rows of the own table alone are then a superset. */
function withoutJoin({ body, columns }: CompiledMapping): CompiledMapping['body'] {
  const { join: _, where = [], ...rest } = body;
  return { ...rest, where: where.filter((filter) => columns.some((column) => !column.joined && (column.ref === filter.column || `${body.table}.${column.ref}` === filter.column))) };
}

async function repeated(session: SourceSession, mapping: CompiledMapping): Promise<{ key: string; cells: Row; count: string } | undefined> {
  const key = keyColumns(mapping);
  const conditions = whereSql(mapping);
  const [row] = await session.cells(
    `SELECT ${key.map((column) => cellSql(`MIN(${columnSql(column)})`, column.schema)).join(', ')}, CAST(COUNT(*) AS CHAR) ${fromSql(mapping)}
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
     GROUP BY ${key.map(columnSql).join(', ')} HAVING COUNT(*) > 1 LIMIT 1`,
  );
  if (!row) return undefined;
  const shown = key.map((column, at) => `${column.ref} = ${JSON.stringify(cellShown(row[at] ?? null, mapping, at))}`);
  return { key: shown.join(', '), cells: row.slice(0, key.length), count: row[key.length]?.toString('latin1') ?? '' };
}

/** Two of the rows by what tells them apart: their primary key, or else everything that is short enough to be shown. */
async function twoRows(session: SourceSession, { table, columns, keyLength }: CompiledMapping, cells: Row): Promise<string> {
  const telling = naturalKey(table) ?? table.columns.map(({ name }) => name);
  const shown = table.columns.filter(({ name }) => telling.includes(name)).slice(0, COLUMNS_SHOWN);
  const same = columns.slice(0, keyLength).map((column, at) => equalsSql(column, cells[at] ?? null));
  const rows = await session.cells(`SELECT ${shown.map((schema) => cellSql(columnSql({ joined: false, schema }), schema)).join(', ')} FROM ${quoted(table.name)} AS t WHERE ${same.join(' AND ')} LIMIT 2`);
  return rows
    .map((row) => shown.map((schema, at) => `${schema.name} = ${JSON.stringify(shortened(cellText(row[at] ?? Buffer.alloc(0), schema) ?? null))}`).join(', '))
    .join(' and ');
}
