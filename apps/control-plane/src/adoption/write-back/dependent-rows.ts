import { quoted, type SourceSession } from '#foreign-database';
import { explainEffect, isLoss, type SideEffect } from '../inspection/side-effects.js';
import type { AdoptedColumn, CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { rowHash } from '../rows/row-hash.js';
import { cellSql, columnSql, keyColumns, rowSql } from '../rows/sql.js';

/** What removing some rows, or changing some of their columns, would do to rows of other tables; by the hashes of their keys. */
export type DependentRows = ReadonlyMap<string, readonly string[]>;

/**
 * Rows of other tables that would be deleted or cleared together with some rows. A removal that takes them along cannot be
 * taken back by a rollback, so it is refused: the plan says so before, and the writer has the last word.
 */
export async function dependentsOfRemoval(session: SourceSession, mapping: CompiledMapping, effects: readonly SideEffect[], keys: readonly Row[]): Promise<DependentRows> {
  return dependents(session, mapping, effects.filter((effect) => effect.on === 'DELETE' && isLoss(effect)), keys);
}

/** The same of a change of the columns `changed`; what the mapping accepts by name, and a rollback changes back, is none. */
export async function dependentsOfUpdate(session: SourceSession, mapping: CompiledMapping, effects: readonly SideEffect[], keys: readonly Row[], changed: ReadonlySet<string>): Promise<DependentRows> {
  const accepted = new Set(mapping.body.accepts);
  const concerned = effects.filter(
    (effect) => effect.on === 'UPDATE' && effect.cause === 'FOREIGN_KEY' && effect.columns.some(({ referred }) => changed.has(referred)) && (isLoss(effect) || !accepted.has(effect.name)),
  );
  return dependents(session, mapping, concerned, keys);
}

/** The columns that an UPDATE of a row would change. */
export function changedColumns(columns: Iterable<AdoptedColumn>): ReadonlySet<string> {
  return new Set([...columns].map(({ schema }) => schema.name));
}

async function dependents(session: SourceSession, mapping: CompiledMapping, effects: readonly SideEffect[], keys: readonly Row[]): Promise<DependentRows> {
  const found = new Map<string, string[]>();
  const named = keys.filter((key) => key.length > 0);
  if (named.length === 0) return found;
  const key = keyColumns(mapping);
  const wanted = named.map((cells) => `(${rowSql(key, cells)})`).join(' OR ');
  const select = key.map((column) => cellSql(columnSql(column), column.schema)).join(', ');
  for (const effect of effects) {
    const on = effect.columns.map(({ referring, referred }) => `child.${quoted(referring)} = t.${quoted(referred)}`).join(' AND ');
    const rows = await session.cells(
      `SELECT ${select}, CAST(COUNT(*) AS CHAR) FROM ${quoted(mapping.table.name)} AS t JOIN ${quoted(effect.database)}.${quoted(effect.table)} AS child ON ${on}
       WHERE ${wanted} GROUP BY ${key.map(columnSql).join(', ')}`,
    );
    for (const row of rows) {
      const keyHash = rowHash(row.slice(0, key.length));
      const why = explainEffect(effect, Number(row[key.length]?.toString('latin1') ?? 0));
      found.set(keyHash, [...(found.get(keyHash) ?? []), why]);
    }
  }
  return found;
}
