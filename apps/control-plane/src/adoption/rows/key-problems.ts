import type { AdoptionFilter } from '@paddock/contracts';
import { quoted, type SourceSession } from '@paddock/foreign-database';
import { FieldProblem } from '../../graphql/problems.js';
import { isUniqueIn, naturalKey } from '../inspection/table-schema.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { joinPath } from '../mapping/mapping-problems.js';
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
  const { body, table } = mapping;
  if (!isUniqueIn(table, body.key)) {
    const twice = await repeated(session, withoutJoins(mapping));
    if (twice)
      return [
        new FieldProblem(
          'key',
          'KEY_NOT_UNIQUE',
          `${body.key.join(', ')} does not name one row: ${twice.count} rows have ${twice.key}, such as ${await twoRows(session, mapping, twice.cells)}`,
        ),
      ];
  }
  for (const [at, { name, join, read, table: partner }] of mapping.joins.entries()) {
    const key = [
      ...join.on.map((pair) => pair.joined),
      ...(join.where ?? []).flatMap((filter) =>
        filter.operator === 'IN' && filter.values?.length === 1 ? [filter.column] : [],
      ),
    ];
    if (!read || isUniqueIn(partner, key)) continue;
    const many = await repeated(session, withJoins(mapping, at + 1));
    if (many)
      return [
        new FieldProblem(
          joinPath(body, at),
          'JOIN_MULTIPLIES',
          `${name} has ${many.count} rows for the row ${many.key} of ${table.name}; join on a unique key, or filter in its where`,
        ),
      ];
  }
  return [];
}

function withoutJoins(mapping: CompiledMapping): CompiledMapping {
  return withJoins(mapping, 0);
}

/** With the first joins alone. Filters on other joined tables cannot be asked then; the rows are a superset. */
function withJoins(mapping: CompiledMapping, count: number): CompiledMapping {
  const { body, columns, joins } = mapping;
  const asked = ({ column: ref }: AdoptionFilter) =>
    columns.some(
      ({ joined, join = 0, ...column }) =>
        (!joined || join < count) && (column.ref === ref || `${body.table}.${column.ref}` === ref),
    );
  return { ...mapping, joins: joins.slice(0, count), body: { ...body, where: (body.where ?? []).filter(asked) } };
}

async function repeated(
  session: SourceSession,
  mapping: CompiledMapping,
): Promise<{ key: string; cells: Row; count: string } | undefined> {
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

/** How many rows have several partners in a joined table. */
export async function countSeveral(session: SourceSession, mapping: CompiledMapping): Promise<number> {
  const key = keyColumns(mapping);
  const conditions = whereSql(mapping);
  const [row] = await session.cells(
    `SELECT CAST(COUNT(*) AS CHAR) FROM (SELECT 1 ${fromSql(mapping)} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} GROUP BY ${key.map(columnSql).join(', ')} HAVING COUNT(*) > 1) AS several`,
  );
  return Number(row?.[0]?.toString('latin1') ?? 0);
}

/** Two of the rows by what tells them apart: their primary key, or else everything that is short enough to be shown. */
async function twoRows(
  session: SourceSession,
  { table, columns, keyLength }: CompiledMapping,
  cells: Row,
): Promise<string> {
  const telling = naturalKey(table) ?? table.columns.map(({ name }) => name);
  const shown = table.columns.filter(({ name }) => telling.includes(name)).slice(0, COLUMNS_SHOWN);
  const same = columns.slice(0, keyLength).map((column, at) => equalsSql(column, cells[at] ?? null));
  const rows = await session.cells(
    `SELECT ${shown.map((schema) => cellSql(columnSql({ joined: false, schema }), schema)).join(', ')} FROM ${quoted(table.name)} AS t WHERE ${same.join(' AND ')} LIMIT 2`,
  );
  return rows
    .map((row) =>
      shown
        .map(
          (schema, at) =>
            `${schema.name} = ${JSON.stringify(shortened(cellText(row[at] ?? Buffer.alloc(0), schema) ?? null))}`,
        )
        .join(', '),
    )
    .join(' and ');
}
