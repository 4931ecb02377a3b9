import { quoted } from '@paddock/foreign-database';
import { type ColumnSchema, isUniqueIn, type TableSchema } from '../inspection/table-schema.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { textCell } from '../mapping/transforms.js';
import type { Cells } from '../mapping/unmap-body.js';
import { rowHashSql } from '../rows/row-hash.js';
import type { WholeRow } from '../rows/scan.js';
import { bytesLiteral, cellSql, columnLiteral, columnSql, keyColumns, rowSql } from '../rows/sql.js';

/** Changes a row that is exactly as it was seen; one statement, so that nothing can come in between. */
export function updateSql(
  mapping: CompiledMapping,
  key: Row,
  { cells, guard, beside }: { cells: Cells; guard: string; beside: readonly BesideColumn[] },
): string {
  const assignments = [
    ...[...cells].map(([column, cell]) => `${columnSql(column)} = ${literal(cell, column.schema)}`),
    ...beside.map((column) => besideSql(column)),
  ];
  return `UPDATE ${quoted(mapping.table.name)} AS t SET ${assignments.join(', ')} WHERE ${guarded(mapping, key, guard)}`;
}

/**
 * A column that an UPDATE must name so that it ends as it shall, although the document says nothing of it: one that would
 * change by itself keeps what it has; one that did goes back from what the database had put there.
 */
export interface BesideColumn {
  schema: ColumnSchema;
  back?: { from: Buffer | null; to: Buffer | null };
}

function besideSql({ schema, back }: BesideColumn): string {
  const column = columnSql({ joined: false, schema });
  if (!back) return `${column} = ${column}`;
  const asFound = back.from === null ? `${column} IS NULL` : `${cellSql(column, schema)} = ${bytesLiteral(back.from)}`;
  return `${column} = IF(${asFound}, ${literal(back.to, schema)}, ${column})`;
}

export function deleteSql(mapping: CompiledMapping, key: Row, guard: string): string {
  return `DELETE t FROM ${quoted(mapping.table.name)} AS t WHERE ${guarded(mapping, key, guard)}`;
}

/** A new row, or one that comes back with everything that it had. */
export function insertSql(table: Pick<TableSchema, 'name' | 'columns'>, row: WholeRow): string {
  const columns = table.columns.flatMap((schema) => {
    const cell = row.get(schema.name);
    return cell === undefined || schema.generated ? [] : [[quoted(schema.name), literal(cell, schema)]];
  });
  return `INSERT INTO ${quoted(table.name)} (${columns.map(([name]) => name).join(', ')}) VALUES (${columns.map(([, value]) => value).join(', ')})`;
}

function guarded(mapping: CompiledMapping, key: Row, guard: string): string {
  return `${rowSql(keyColumns(mapping), key)} AND ${rowHashSql(mapping.columns)} = '${guard}'`;
}

/** A cell as it was read by `cellSql`, for its column. */
export function literal(cell: Buffer | null, schema: ColumnSchema): string {
  if (cell === null) return 'NULL';
  return schema.family === 'OTHER' ? bytesLiteral(cell) : columnLiteral(cell, schema);
}

/**
 * The columns of a new row: what the document says, what the filters of the mapping demand, and for columns that must have
 * a value and have no default, what MySQL itself took before it became strict.
 */
export function newRow({ table, columns, body }: CompiledMapping, key: Row, cells: Cells): WholeRow {
  const row = new Map<string, Buffer | null>();
  for (const schema of table.columns) {
    if (!schema.nullable && schema.defaultValue === null && !schema.autoIncrement && !schema.generated)
      row.set(schema.name, implicitDefault(schema));
  }
  for (const filter of body.where ?? []) {
    const schema = columns.find(({ ref, joined }) => ref === filter.column && !joined)?.schema;
    const value = filter.operator === 'IN' ? filter.values?.[0] : undefined;
    const cell = schema && value !== undefined ? textCell(value, schema) : undefined;
    if (schema && cell) row.set(schema.name, cell);
  }
  for (const [column, cell] of cells) row.set(column.schema.name, cell);
  keyColumns({ columns, keyLength: key.length }).forEach((column, at) => row.set(column.schema.name, key[at] ?? null));
  return row;
}

function implicitDefault({ family, dataType, columnType }: ColumnSchema): Buffer {
  if (dataType === 'enum') return Buffer.from(/'((?:[^']|'')*)'/.exec(columnType)?.[1] ?? '', 'utf8');
  if (family === 'NUMBER') return Buffer.from('0');
  if (family === 'TIME') return Buffer.from(dataType === 'date' ? '0000-00-00' : '0000-00-00 00:00:00');
  return Buffer.from(dataType === 'time' ? '00:00:00' : '');
}

/** How the key of a new row is found: counted up, or taken from the key of its document. */
export type NewKey =
  { by: 'COUNTING'; column: ColumnSchema } | { by: 'DOCUMENT_KEY'; column: ColumnSchema } | { by: 'NONE'; why: string };

export function newKeyOf({ table, body }: Pick<CompiledMapping, 'body'> & { table: TableSchema }): NewKey {
  const [name, ...more] = body.key;
  const column = table.columns.find((schema) => schema.name === name);
  if (!column || more.length > 0)
    return {
      by: 'NONE',
      why: `new rows of ${table.name} have a key of several columns, which nothing in a document says`,
    };
  if (!isUniqueIn(table, body.key))
    return { by: 'NONE', why: `${table.name} has no unique key over ${body.key.join(', ')}` };
  if (column.autoIncrement) return { by: 'COUNTING', column };
  return column.family === 'TEXT'
    ? { by: 'DOCUMENT_KEY', column }
    : { by: 'NONE', why: `${column.name} neither counts up nor holds text` };
}
