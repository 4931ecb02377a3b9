import type { RowDataPacket } from 'mysql2/promise';
import { quoted, type SourceSession } from '@paddock/foreign-database';
import type { TableSchema } from '../inspection/table-schema.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { rowHash, rowHashSql } from './row-hash.js';
import { afterSql, cellSql, columnSql, fromSql, keyColumns, orderBySql, rowSql, whereSql } from './sql.js';

/** Rows of one statement: few enough for flat memory, many enough that round trips do not count. */
export const PAGE_ROWS = 1_000;

/** A row by its key and the hash of everything adopted of it; `hash` is empty where the server could not compute it. */
export interface HashedKey {
  key: Row;
  hash: string;
}

/** Every adopted row in the order of keys, in pages. Rows that come or go meanwhile are in it or not; none comes twice. */
export async function* scanRows(
  session: SourceSession,
  mapping: CompiledMapping,
  pageRows = PAGE_ROWS,
): AsyncGenerator<Row[]> {
  yield* pages(mapping, pageRows, (page) => session.cells(`SELECT ${cellsSql(mapping)} ${page}`));
}

/** The same by hashes alone. */
export async function* scanHashes(
  session: SourceSession,
  mapping: CompiledMapping,
  pageRows = PAGE_ROWS,
): AsyncGenerator<HashedKey[]> {
  const key = keyColumns(mapping).map((column) => cellSql(columnSql(column), column.schema));
  const select = `SELECT ${[...key, rowHashSql(mapping.columns)].join(', ')}`;
  for await (const rows of pages(mapping, pageRows, (page) => session.cells(`${select} ${page}`))) {
    yield rows.map((row) => ({
      key: row.slice(0, mapping.keyLength),
      hash: row[mapping.keyLength]?.toString('latin1') ?? '',
    }));
  }
}

/** Some rows by their keys; those that are gone are missing, and unless `adopted` is false also those that the filters leave out. */
export async function readRows(
  session: SourceSession,
  mapping: CompiledMapping,
  keys: readonly Row[],
  { adopted = true } = {},
): Promise<Row[]> {
  const named = keys.filter((key) => key.length > 0);
  if (named.length === 0) return [];
  const wanted = named.map((key) => `(${rowSql(keyColumns(mapping), key)})`).join(' OR ');
  const conditions = [`(${wanted})`, ...(adopted ? whereSql(mapping) : [])].join(' AND ');
  return session.cells(`SELECT ${cellsSql(mapping)} ${fromSql(mapping)} WHERE ${conditions}`);
}

export async function countRows(session: SourceSession, mapping: CompiledMapping): Promise<number> {
  const conditions = whereSql(mapping);
  const [row] = await session.query<RowDataPacket & { rows: string | number }>(
    `SELECT COUNT(*) AS \`rows\` ${fromSql(mapping)} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}`,
  );
  return Number(row?.rows ?? 0);
}

/** Some rows after a key, or the first ones. */
export function pageAfter(
  session: SourceSession,
  mapping: CompiledMapping,
  last: Row | undefined,
  limit: number,
): Promise<Row[]> {
  return session.cells(`SELECT ${cellsSql(mapping)} ${pageSql(mapping, last, limit)}`);
}

function cellsSql({ columns }: CompiledMapping): string {
  return columns.map((column) => cellSql(columnSql(column), column.schema)).join(', ');
}

function pageSql(mapping: CompiledMapping, last: Row | undefined, limit: number): string {
  const key = keyColumns(mapping);
  const conditions = [...whereSql(mapping), ...(last ? [afterSql(key, last)] : [])];
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return `${fromSql(mapping)} ${where} ${orderBySql(key)} LIMIT ${limit}`;
}

async function* pages(
  mapping: CompiledMapping,
  pageRows: number,
  read: (page: string) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let last: Row | undefined;
  for (;;) {
    const rows = await read(pageSql(mapping, last, pageRows));
    if (rows.length > 0) yield rows;
    last = rows.at(-1)?.slice(0, mapping.keyLength);
    if (!last || rows.length < pageRows) return;
  }
}

/** A whole row by the names of its columns. */
export type WholeRow = ReadonlyMap<string, Buffer | null>;

/** Every column of some rows, by the hashes of their keys: what it takes to put a row back. */
export async function readWhole(
  session: SourceSession,
  mapping: CompiledMapping,
  keys: readonly Row[],
): Promise<Map<string, WholeRow>> {
  if (keys.length === 0) return new Map();
  const key = keyColumns(mapping);
  const wanted = keys.map((cells) => `(${rowSql(key, cells)})`).join(' OR ');
  const rows = await wholeRows(session, mapping.table, wanted);
  return new Map(rows.map((row) => [rowHash(key.map(({ schema }) => row.get(schema.name) ?? null)), row]));
}

/** Every column of the rows of a table that meet a condition; the table is called `t` in it. With `lock`, no one else can change them, or refer to them, before the transaction ends. */
export async function wholeRows(
  session: SourceSession,
  { name, columns }: Pick<TableSchema, 'name' | 'columns'>,
  condition: string,
  { limit, lock = false }: { limit?: number; lock?: boolean } = {},
): Promise<WholeRow[]> {
  const select = columns.map((schema) => cellSql(columnSql({ joined: false, schema }), schema)).join(', ');
  const rows = await session.cells(
    `SELECT ${select} FROM ${quoted(name)} AS t WHERE ${condition}${limit === undefined ? '' : ` LIMIT ${limit}`}${lock ? ' FOR UPDATE' : ''}`,
  );
  return rows.map((row) => new Map(columns.map((schema, at) => [schema.name, row[at] ?? null])));
}
