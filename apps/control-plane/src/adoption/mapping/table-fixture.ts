import { type ColumnSchema, familyOf, type TableSchema } from '../inspection/table-schema.js';

/** A column for tests: `column('title', 'varchar(64)')`. */
export function column(name: string, columnType: string, options: Partial<ColumnSchema> = {}): ColumnSchema {
  const dataType = /^\w+/.exec(columnType)?.[0] ?? '';
  const family = familyOf(dataType);
  const length = /\((\d+)\)/.exec(columnType)?.[1];
  return {
    ...{
      name,
      dataType,
      columnType,
      family,
      nullable: false,
      defaultValue: null,
      autoIncrement: false,
      generated: false,
      updatesItself: false,
    },
    ...{ charset: family === 'TEXT' ? 'utf8mb4' : null, collation: family === 'TEXT' ? 'utf8mb4_general_ci' : null },
    maxLength: family === 'TEXT' ? Number(length ?? 65_535) : null,
    ...options,
  };
}

/** A table for tests; its first column is the primary key by default. */
export function table(name: string, columns: readonly ColumnSchema[], options: Partial<TableSchema> = {}): TableSchema {
  return {
    ...{ name, engine: 'MyISAM', transactional: false, view: false, estimatedRows: 10, uniqueKeys: [] },
    ...{ columns, primaryKey: columns.slice(0, 1).map((first) => first.name) },
    ...options,
  };
}

/** The banners of an old shop, as its back office keeps them. */
export const BANNERS = table('banners', [
  column('banners_id', 'int(11)', { autoIncrement: true }),
  column('title', 'varchar(64)', { charset: 'latin1', collation: 'latin1_swedish_ci' }),
  column('url', 'varchar(255)'),
  column('image', 'varchar(255)'),
  column('area', 'varchar(15)'),
  column('html', 'text', { nullable: true }),
  column('starts', 'datetime', { nullable: true }),
  column('ends', 'datetime', { defaultValue: "'0001-01-01 00:00:00'" }),
  column('status', 'int(1)'),
  column('sort_order', 'int(11)'),
]);
