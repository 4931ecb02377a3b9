import type { RowDataPacket } from 'mysql2/promise';
import { quoted, type SourceSession } from '#foreign-database';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { rowHash, rowHashSql } from './row-hash.js';
import { afterSql, cellSql, exactCellSql, columnSql, fromSql, keyColumns, orderBySql, rowSql, whereSql } from './sql.js';

/** Rows of one statement: few enough for flat memory, many enough that round trips do not count. */
export const PAGE_ROWS = 1_000;

/** A row by its key and the hash of everything adopted of it; `hash` is empty where the server could not compute it. */
export interface HashedKey {
  key: Row;
  hash: string;
}

/** Every adopted row in the order of keys, in pages. Rows that come or go meanwhile are in it or not; none comes twice. */
export async function* scanRows(session: SourceSession, mapping: CompiledMapping, pageRows = PAGE_ROWS): AsyncGenerator<Row[]> {
  yield* pages(mapping, pageRows, (page) => session.cells(`SELECT ${cellsSql(mapping)} ${page}`));
}

/** The same by hashes alone. */
export async function* scanHashes(session: SourceSession, mapping: CompiledMapping, pageRows = PAGE_ROWS): AsyncGenerator<HashedKey[]> {
  const key = keyColumns(mapping).map((column) => cellSql(columnSql(column), column.schema));
  const select = `SELECT ${[...key, rowHashSql(mapping.columns)].join(', ')}`;
  for await (const rows of pages(mapping, pageRows, (page) => session.cells(`${select} ${page}`))) {
    yield rows.map((row) => ({ key: row.slice(0, mapping.keyLength), hash: row[mapping.keyLength]?.toString('latin1') ?? '' }));
  }
}

/** Some rows by their keys; those that are gone are missing, and unless `adopted` is false also those that the filters leave out. */
export async function readRows(session: SourceSession, mapping: CompiledMapping, keys: readonly Row[], { adopted = true } = {}): Promise<Row[]> {
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
export function pageAfter(session: SourceSession, mapping: CompiledMapping, last: Row | undefined, limit: number): Promise<Row[]> {
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

async function* pages(mapping: CompiledMapping, pageRows: number, read: (page: string) => Promise<Row[]>): AsyncGenerator<Row[]> {
  let last: Row | undefined;
  for (;;) {
    const rows = await read(pageSql(mapping, last, pageRows));
    if (rows.length > 0) yield rows;
    last = rows.at(-1)?.slice(0, mapping.keyLength);
    if (!last || rows.length < pageRows) return;
  }
}

/** Every column of some rows, by the hashes of their keys: what it takes to put a row back. */
export async function readWhole(session: SourceSession, mapping: CompiledMapping, keys: readonly Row[]): Promise<Map<string, ReadonlyMap<string, Buffer | null>>> {
  if (keys.length === 0) return new Map();
  const key = keyColumns(mapping);
  const { columns } = mapping.table;
  const select = [...key.map((column) => cellSql(columnSql(column), column.schema)), ...columns.map((schema) => exactCellSql(columnSql({ joined: false, schema }), schema))].join(', ');
  const wanted = keys.map((cells) => `(${rowSql(key, cells)})`).join(' OR ');
  const rows = await session.cells(`SELECT ${select} FROM ${quoted(mapping.table.name)} AS t WHERE ${wanted}`);
  return new Map(rows.map((row) => [rowHash(row.slice(0, key.length)), new Map(columns.map(({ name }, at) => [name, row[key.length + at] ?? null]))]));
}
