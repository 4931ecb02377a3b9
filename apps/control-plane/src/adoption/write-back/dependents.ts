import type { ColumnSchema, TableSchema } from '../inspection/table-schema.js';
import { naturalKey } from '../inspection/table-schema.js';
import { rowHash } from '../rows/row-hash.js';
import type { WholeRow } from '../rows/scan.js';
import { rowSql } from '../rows/sql.js';

/** A row that a write deletes, or whose reference it clears, through foreign keys; as it was before. */
export interface Dependent {
  table: string;
  op: 'DELETED' | 'CLEARED';
  /** The columns that name the row. */
  key: readonly string[];
  /** The columns that are cleared. */
  cleared: readonly string[];
  row: WholeRow;
}

/** Names a dependent among all others. */
export function dependentName({ table, key, row }: Pick<Dependent, 'table' | 'key' | 'row'>): string {
  return `${table} ${rowHash(key.map((name) => row.get(name) ?? null))}`;
}

/** The condition under which a row of a table is this one, by its key. */
export function sameRowSql({ columns }: TableSchema, { key, row }: Pick<Dependent, 'key' | 'row'>): string {
  const found = key
    .flatMap((name) => columns.find((schema) => schema.name === name) ?? [])
    .map((schema) => ({ ref: schema.name, joined: false, schema }));
  return rowSql(
    found,
    found.map(({ ref }) => row.get(ref) ?? null),
  );
}

/** Columns that the database itself sets when a row is updated. */
export function selfUpdating({ columns }: Pick<TableSchema, 'columns'>): ColumnSchema[] {
  return columns.filter(({ updatesItself }) => updatesItself);
}

/** The key by which a dependent row is found again; `undefined` where no unique key names it. */
export function keyOfDependents(table: TableSchema): readonly string[] | undefined {
  return naturalKey(table);
}

/** A row that is met twice: what is deleted is not cleared as well, and several references are cleared together. */
export function merged(found: readonly Dependent[]): Dependent[] {
  const byName = new Map<string, Dependent>();
  for (const dependent of found) {
    const name = dependentName(dependent);
    const before = byName.get(name);
    if (!before || (before.op === 'CLEARED' && dependent.op === 'DELETED')) byName.set(name, dependent);
    else if (before.op === 'CLEARED')
      byName.set(name, { ...before, cleared: [...new Set([...before.cleared, ...dependent.cleared])] });
  }
  return [...byName.values()];
}

/** Dependents as JSON, byte for byte: hexadecimal digits, `null` for NULL. */
export function packDependents(dependents: readonly Dependent[]): string {
  return JSON.stringify(dependents.map(({ row, ...dependent }) => ({ ...dependent, row: packWhole(row) })));
}

/** Are these the same rows with the same bytes, in any order? */
export function isSameAs(some: readonly Dependent[], others: readonly Dependent[]): boolean {
  const packed = (dependents: readonly Dependent[]) =>
    dependents.map((dependent) => packDependents([dependent])).sort();
  return JSON.stringify(packed(some)) === JSON.stringify(packed(others));
}

/** The inverse of {@link packDependents}. */
export function unpackDependents(packed: string): Dependent[] {
  const all: (Omit<Dependent, 'row'> & { row: PackedRow })[] = JSON.parse(packed);
  return all.map(({ row, ...dependent }) => ({ ...dependent, row: unpackWhole(row) }));
}

/** Column → hexadecimal digits, or `null` for NULL. */
export type PackedRow = Record<string, string | null>;

export function packWhole(row: WholeRow): PackedRow {
  return Object.fromEntries([...row].map(([name, cell]) => [name, cell?.toString('hex') ?? null]));
}

export function unpackWhole(packed: PackedRow): WholeRow {
  return new Map(Object.entries(packed).map(([name, cell]) => [name, cell === null ? null : Buffer.from(cell, 'hex')]));
}
