import type { AdoptionFilter } from '@paddock/contracts';
import { quoted } from '@paddock/foreign-database';
import type { ColumnSchema } from '../inspection/table-schema.js';
import type { AdoptedColumn, CompiledJoin, CompiledMapping } from '../mapping/compiled-mapping.js';
import { textCell } from '../mapping/transforms.js';

/** Alias of the table of a mapping in every statement; those of joined tables follow. */
const OWN = 't';
const joinedAs = (at: number): string => `j${at}`;

export function columnSql({ joined, join = 0, schema }: Pick<AdoptedColumn, 'joined' | 'join' | 'schema'>): string {
  return `${joined ? joinedAs(join) : OWN}.${quoted(schema.name)}`;
}

/** A column's bytes as they are stored, without any conversion of character sets. */
export function bytesSql(sql: string): string {
  return `CAST(${sql} AS BINARY)`;
}

/** Types of numbers that hold an approximation in binary. */
export function isInexact(dataType: string): boolean {
  return dataType === 'float' || dataType === 'double';
}

const READ_AS_TEXT = new Set(['json', 'uuid', 'inet4', 'inet6']);

/** What is read of a column: its bytes, or those of the number or text that it shows where its own say nothing to people. */
export function cellSql(sql: string, { dataType }: Pick<ColumnSchema, 'dataType'>): string {
  if (dataType === 'bit') return bytesSql(`${sql} + 0`);
  // A FLOAT shows only six digits, a DOUBLE(M,D) only D decimals; this product shows all digits, and the sign of zero.
  if (isInexact(dataType)) return bytesSql(`${sql} * 1e0`);
  return bytesSql(READ_AS_TEXT.has(dataType) ? `CAST(${sql} AS CHAR)` : sql);
}

/** Bytes as a literal: nothing in them can end it. */
export function bytesLiteral(cell: Buffer): string {
  return cell.length === 0 ? "''" : `X'${cell.toString('hex')}'`;
}

/** A value for a column to hold or to be compared with by its own rules; the bytes are those of the column's character set. */
export function columnLiteral(cell: Buffer, { family, dataType, charset, collation, name }: ColumnSchema): string {
  const text = cell.toString('latin1');
  switch (family) {
    case 'NUMBER':
      // With an exponent it is no DECIMAL, which has fewer digits and no negative zero.
      if (/^-?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text))
        return isInexact(dataType) && !/e/i.test(text) ? `${text}e0` : text;
      throw new Error(`${name}: a number was expected`);
    case 'TIME':
      if (/^[\d :.-]+$/.test(text)) return `'${text}'`;
      throw new Error(`${name}: a date or time was expected`);
    case 'TEXT':
      return `_${word(charset ?? 'utf8mb4')} ${bytesLiteral(cell)}${collation ? ` COLLATE ${word(collation)}` : ''}`;
    case 'BINARY':
    case 'OTHER':
      return bytesLiteral(cell);
  }
}

/** Names of character sets and collations are words; they come from the server, which is foreign. */
function word(name: string): string {
  if (/^\w{1,64}$/.test(name)) return name;
  throw new Error(`${JSON.stringify(name)} is no name of a character set`);
}

/** Enumerations sort by number and compare by text: they are ordered by their bytes instead. */
function orderSql(column: AdoptedColumn): string {
  const byBytes = column.schema.dataType === 'enum' || column.schema.dataType === 'set';
  return byBytes ? bytesSql(columnSql(column)) : columnSql(column);
}

function orderLiteral(column: AdoptedColumn, cell: Buffer): string {
  const byBytes = column.schema.dataType === 'enum' || column.schema.dataType === 'set';
  return byBytes ? bytesLiteral(cell) : columnLiteral(cell, column.schema);
}

/**
 * `FROM … LEFT JOIN … ON …`: rows without a partner stay, unless they must have one. Joins whose columns are not read
 * act as conditions.
 */
export function fromSql({ table, joins }: CompiledMapping): string {
  const joined = joins.flatMap((one, at) =>
    one.read
      ? [
          `${one.join.required ? 'JOIN' : 'LEFT JOIN'} ${quoted(one.table.name)} AS ${joinedAs(at)} ON ${onSql(one, at)}`,
        ]
      : [],
  );
  return [`FROM ${quoted(table.name)} AS ${OWN}`, ...joined].join(' ');
}

function onSql({ join, table, from }: CompiledJoin, at: number): string {
  const partner = (name: string) => ({ joined: true, join: at, schema: schemaOf(table.columns, name) });
  const pairs = join.on.map(({ joined }, index) => {
    const column = from[index];
    if (!column) throw new Error(`nothing is joined to ${joined}`);
    return sameSql(column, partner(joined));
  });
  return [...pairs, ...(join.where ?? []).map((filter) => filterSql(filter, partner(filter.column)))].join(' AND ');
}

/** Columns of different types or collations are compared by what they show: `0 = 'abc'` is true in SQL. */
function sameSql(
  one: Pick<AdoptedColumn, 'joined' | 'join' | 'schema'>,
  other: Pick<AdoptedColumn, 'joined' | 'join' | 'schema'>,
): string {
  const alike = one.schema.family === other.schema.family && one.schema.collation === other.schema.collation;
  const side = (column: typeof one) =>
    alike ? columnSql(column) : `CONVERT(CAST(${columnSql(column)} AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin`;
  return `${side(one)} = ${side(other)}`;
}

/** The conditions under which a row is adopted. */
export function whereSql({ body, columns, joins }: CompiledMapping): string[] {
  const partners = joins.flatMap((one, at) =>
    !one.read && one.join.required
      ? [`EXISTS (SELECT 1 FROM ${quoted(one.table.name)} AS ${joinedAs(at)} WHERE ${onSql(one, at)})`]
      : [],
  );
  const filters = (body.where ?? []).map((filter) => {
    const column = columns.find(
      ({ ref, schema }) => ref === filter.column || `${body.table}.${schema.name}` === filter.column,
    );
    if (!column) throw new Error(`filter on ${filter.column}, which is not read`);
    return filterSql(filter, column);
  });
  return [...filters, ...partners];
}

export function filterSql(
  { operator, values = [] }: AdoptionFilter,
  column: Pick<AdoptedColumn, 'joined' | 'join' | 'schema'>,
): string {
  const sql = columnSql(column);
  if (operator === 'IS_NULL') return `${sql} IS NULL`;
  if (operator === 'IS_NOT_NULL') return `${sql} IS NOT NULL`;
  if (operator === 'IS_EMPTY') return `(${sql} IS NULL OR ${emptySql(column)})`;
  if (operator === 'IS_NOT_EMPTY') return `(${sql} IS NOT NULL AND NOT (${emptySql(column)}))`;
  // A value that the column's character set lacks is in no row.
  const literals = values.flatMap((value) => {
    const cell = textCell(value, column.schema);
    return cell ? [columnLiteral(cell, column.schema)] : [];
  });
  if (literals.length === 0) return operator === 'IN' ? '1 = 0' : '1 = 1';
  return operator === 'IN'
    ? `${sql} IN (${literals.join(', ')})`
    : `(${sql} IS NULL OR ${sql} NOT IN (${literals.join(', ')}))`;
}

/** Zero dates are no values either; servers differ in what else a date may be compared with. */
function emptySql(column: Pick<AdoptedColumn, 'joined' | 'join' | 'schema'>): string {
  const { family, dataType } = column.schema;
  if (family === 'NUMBER') return `${columnSql(column)} = 0`;
  return family === 'TIME'
    ? `${cellSql(columnSql(column), { dataType })} LIKE '0000-00-00%'`
    : `LENGTH(${columnSql(column)}) = 0`;
}

function schemaOf(columns: readonly ColumnSchema[], name: string): ColumnSchema {
  const found = columns.find((column) => column.name === name);
  if (!found) throw new Error(`there is no column ${name}`);
  return found;
}

export function keyColumns({
  columns,
  keyLength,
}: Pick<CompiledMapping, 'columns' | 'keyLength'>): readonly AdoptedColumn[] {
  return columns.slice(0, keyLength);
}

/** Everything after this key in the order of keys; the first comparison lets the server use its index. */
export function afterSql(key: readonly AdoptedColumn[], last: readonly (Buffer | null)[]): string {
  const alternatives = key.map((column, at) => {
    const equal = key.slice(0, at).map((before, index) => equalsSql(before, last[index] ?? null));
    return [...equal, greaterSql(column, last[at] ?? null)].join(' AND ');
  });
  return `(${alternatives.map((alternative) => `(${alternative})`).join(' OR ')})`;
}

export function equalsSql(column: AdoptedColumn, cell: Buffer | null): string {
  return cell === null ? `${orderSql(column)} IS NULL` : `${orderSql(column)} = ${orderLiteral(column, cell)}`;
}

/** NULL sorts first. */
function greaterSql(column: AdoptedColumn, cell: Buffer | null): string {
  return cell === null ? `${orderSql(column)} IS NOT NULL` : `${orderSql(column)} > ${orderLiteral(column, cell)}`;
}

export function orderBySql(key: readonly AdoptedColumn[]): string {
  return `ORDER BY ${key.map(orderSql).join(', ')}`;
}

/** Exactly this row: by the column's own comparison, which has an index, and by its bytes. */
export function rowSql(key: readonly AdoptedColumn[], cells: readonly (Buffer | null)[]): string {
  return key
    .map((column, at) => {
      const cell = cells[at] ?? null;
      const byBytes = cell === null ? '' : ` AND ${cellSql(columnSql(column), column.schema)} = ${bytesLiteral(cell)}`;
      return `${equalsSql(column, cell)}${byBytes}`;
    })
    .join(' AND ');
}
