/** What a column holds, as far as a transform must know. */
export type ColumnFamily = 'TEXT' | 'NUMBER' | 'TIME' | 'BINARY' | 'OTHER';

/** A column as information_schema tells it. */
export interface ColumnSchema {
  name: string;
  /** Lower case, without length: `varchar`, `datetime`. */
  dataType: string;
  /** As it was declared: `varchar(64)`, `int(1) unsigned`. */
  columnType: string;
  family: ColumnFamily;
  nullable: boolean;
  /** The default as SQL text; `null` without a default. */
  defaultValue: string | null;
  autoIncrement: boolean;
  generated: boolean;
  /** `ON UPDATE CURRENT_TIMESTAMP`: it changes whenever another column does. */
  updatesItself: boolean;
  charset: string | null;
  collation: string | null;
  /** In characters, for text. */
  maxLength: number | null;
}

/** A table as information_schema tells it. */
export interface TableSchema {
  name: string;
  engine: string;
  /** Without transactions, a statement that dies half-way leaves what it did. */
  transactional: boolean;
  view: boolean;
  /** The server's own estimate. */
  estimatedRows: number;
  columns: readonly ColumnSchema[];
  primaryKey: readonly string[];
  uniqueKeys: readonly { name: string; columns: readonly string[] }[];
}

const FAMILIES: Readonly<Record<ColumnFamily, readonly string[]>> = {
  TEXT: [
    'char',
    'varchar',
    'tinytext',
    'text',
    'mediumtext',
    'longtext',
    'enum',
    'set',
    'json',
    'time',
    'uuid',
    'inet4',
    'inet6',
  ],
  NUMBER: ['bit', 'tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'year'],
  TIME: ['date', 'datetime', 'timestamp'],
  BINARY: ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
  OTHER: [],
};

export function familyOf(dataType: string): ColumnFamily {
  const found = (['TEXT', 'NUMBER', 'TIME', 'BINARY'] as const).find((family) => FAMILIES[family].includes(dataType));
  return found ?? 'OTHER';
}

/**
 * The columns that name a row: the primary key, or else the shortest unique key without NULLs. A unique key that allows
 * NULL does not name rows: NULLs do not equal each other.
 */
export function naturalKey(table: TableSchema): readonly string[] | undefined {
  if (table.primaryKey.length > 0) return table.primaryKey;
  const usable = table.uniqueKeys.filter(({ columns }) =>
    columns.every((name) => columnNamed(table, name)?.nullable === false),
  );
  return usable.toSorted((a, b) => a.columns.length - b.columns.length || (a.name < b.name ? -1 : 1))[0]?.columns;
}

export function columnNamed(table: TableSchema, name: string): ColumnSchema | undefined {
  return table.columns.find((column) => column.name === name);
}

/** Does the table itself see to it that these columns name at most one row? */
export function isUniqueIn(table: TableSchema, columns: readonly string[]): boolean {
  const named = new Set(columns);
  return [table.primaryKey, ...table.uniqueKeys.map((key) => key.columns)].some(
    (key) => key.length > 0 && key.every((name) => named.has(name) && columnNamed(table, name)?.nullable === false),
  );
}
