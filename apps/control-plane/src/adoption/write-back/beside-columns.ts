import { needsAcceptance, type SideEffect } from '../inspection/side-effects.js';
import type { TableSchema } from '../inspection/table-schema.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import type { Cells } from '../mapping/unmap-body.js';
import type { WholeRow } from '../rows/scan.js';
import { sameCell } from './decide-write.js';
import { selfUpdating } from './dependents.js';
import type { RowImage } from './row-journal.js';
import type { BesideColumn } from './row-statements.js';

/** Columns that would change by themselves, and that the mapping does not let: an UPDATE names them so that they keep what they have. Pure. */
export function keptColumns({ table, body }: Pick<CompiledMapping, 'table' | 'body'>, cells: Cells): BesideColumn[] {
  const written = writtenNames(cells);
  return selfUpdating(table).flatMap((schema) =>
    written.has(schema.name) || body.accepts?.includes(schema.name) ? [] : [{ schema }],
  );
}

/** May the database change columns of the row beside those of the document, with the mapping's consent? */
export function mayChangeBeside(
  { table, body }: Pick<CompiledMapping, 'table' | 'body'>,
  effects: readonly SideEffect[],
): boolean {
  const accepts = new Set(body.accepts);
  return (
    selfUpdating(table).some(({ name }) => accepts.has(name)) ||
    effects.some((effect) => effect.cause === 'TRIGGER' && effect.on === 'UPDATE' && needsAcceptance(effect))
  );
}

/** What the database changed by itself in a row that was written. Pure. */
export function changedBeside(
  { columns }: Pick<TableSchema, 'columns'>,
  { before, after, cells }: { before: WholeRow; after: WholeRow; cells: Cells },
): WholeRow {
  const written = writtenNames(cells);
  const changed = columns.filter(
    ({ name, generated }) =>
      !generated && !written.has(name) && !sameCell(before.get(name) ?? null, after.get(name) ?? null),
  );
  return new Map(changed.map(({ name }) => [name, after.get(name) ?? null]));
}

/**
 * Columns that a rollback takes back although no document names them: those that the database changed by itself when it was
 * written before, and that still hold what it put there. What others wrote since stays. Pure.
 */
export function returningColumns(
  { columns }: Pick<TableSchema, 'columns'>,
  { image, images, present, cells }: { image: RowImage; images: readonly RowImage[]; present: WholeRow; cells: Cells },
): BesideColumn[] {
  const written = writtenNames(cells);
  return columns.flatMap((schema): BesideColumn[] => {
    const { name } = schema;
    const [from, to] = [present.get(name) ?? null, image.row.get(name) ?? null];
    if (written.has(name) || !image.row.has(name) || sameCell(from, to)) return [];
    const ours = images.some(({ changedBeside: put }) => put?.has(name) && sameCell(put.get(name) ?? null, from));
    return ours ? [{ schema, back: { from, to } }] : [];
  });
}

function writtenNames(cells: Cells): ReadonlySet<string> {
  return new Set([...cells.keys()].map(({ schema }) => schema.name));
}
