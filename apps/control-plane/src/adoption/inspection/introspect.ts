import type { RowDataPacket } from 'mysql2/promise';
import type { SourceSession } from '@paddock/foreign-database';
import type { ForeignKey } from './relations.js';
import { type ColumnSchema, familyOf, type TableSchema } from './table-schema.js';

interface TableRow extends RowDataPacket {
  name: string;
  type: string;
  engine: string | null;
  estimatedRows: string | number | null;
}

interface ColumnRow extends RowDataPacket {
  tableName: string;
  name: string;
  dataType: string;
  columnType: string;
  nullable: string;
  defaultValue: string | null;
  extra: string;
  charset: string | null;
  collation: string | null;
  maxLength: string | number | null;
}

interface KeyRow extends RowDataPacket {
  tableName: string;
  keyName: string;
  columnName: string;
  prefix: string | number | null;
}

/** The tables of the session's database, or some of them by name. */
export async function introspect(session: SourceSession, names?: readonly string[]): Promise<TableSchema[]> {
  if (names?.length === 0) return [];
  const only = names ? `AND TABLE_NAME IN (${names.map(() => '?').join(', ')})` : '';
  const values = [...(names ?? [])];
  const tables = await session.query<TableRow>(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, TABLE_ROWS AS estimatedRows
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ${only} ORDER BY TABLE_NAME`,
    values,
  );
  const columns = await session.query<ColumnRow>(
    `SELECT TABLE_NAME AS tableName, COLUMN_NAME AS name, DATA_TYPE AS dataType, COLUMN_TYPE AS columnType, IS_NULLABLE AS nullable,
       COLUMN_DEFAULT AS defaultValue, EXTRA AS extra, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, CHARACTER_MAXIMUM_LENGTH AS maxLength
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ${only} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    values,
  );
  const keys = await session.query<KeyRow>(
    `SELECT TABLE_NAME AS tableName, INDEX_NAME AS keyName, COLUMN_NAME AS columnName, SUB_PART AS prefix
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 ${only} ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    values,
  );
  const columnsOf = Map.groupBy(columns, ({ tableName }) => tableName);
  const keysOf = Map.groupBy(keys, ({ tableName }) => tableName);
  return tables.map((table) => toTable(table, columnsOf.get(table.name) ?? [], keysOf.get(table.name) ?? []));
}

function toTable(
  { name, type, engine, estimatedRows }: TableRow,
  columns: readonly ColumnRow[],
  keys: readonly KeyRow[],
): TableSchema {
  const byName = [...Map.groupBy(keys, ({ keyName }) => keyName)].map(([keyName, parts]) => ({
    name: keyName,
    columns: parts.map(({ columnName }) => columnName),
    whole: parts.every(({ prefix }) => prefix === null),
  }));
  return {
    name,
    engine: engine ?? type,
    transactional: engine?.toLowerCase() === 'innodb',
    view: type.includes('VIEW'),
    estimatedRows: Number(estimatedRows ?? 0),
    columns: columns.map(toColumn),
    primaryKey: byName.find((key) => key.name === 'PRIMARY')?.columns ?? [],
    uniqueKeys: byName
      .filter((key) => key.name !== 'PRIMARY' && key.whole)
      .map(({ name: keyName, columns: of }) => ({ name: keyName, columns: of })),
  };
}

function toColumn({
  name,
  dataType,
  columnType,
  nullable,
  defaultValue,
  extra,
  charset,
  collation,
  maxLength,
}: ColumnRow): ColumnSchema {
  const lower = dataType.toLowerCase();
  return {
    ...{ name, dataType: lower, columnType, defaultValue, charset, collation, family: familyOf(lower) },
    nullable: nullable === 'YES',
    autoIncrement: /auto_increment/i.test(extra),
    generated: /generated|virtual|persistent/i.test(extra),
    updatesItself: /on update/i.test(extra),
    maxLength: maxLength === null ? null : Number(maxLength),
  };
}

interface ForeignKeyRow extends RowDataPacket, ForeignKey {}

/** Foreign keys of one column within the session's database. */
export async function foreignKeys(session: SourceSession): Promise<ForeignKey[]> {
  const rows = await session.query<ForeignKeyRow>(
    `SELECT MIN(TABLE_NAME) AS \`table\`, MIN(COLUMN_NAME) AS \`column\`, MIN(REFERENCED_TABLE_NAME) AS \`to\`, MIN(REFERENCED_COLUMN_NAME) AS toColumn
     FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()
     GROUP BY TABLE_NAME, CONSTRAINT_NAME HAVING COUNT(*) = 1`,
  );
  return rows.map(({ table, column, to, toColumn }) => ({ table, column, to, toColumn }));
}
