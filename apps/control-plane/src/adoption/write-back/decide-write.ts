import type { Json } from '@paddock/contracts';
import type { AdoptedColumn, CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { type Cells, unmapBody, type WriteProblem } from '../mapping/unmap-body.js';
import { rowHash } from '../rows/row-hash.js';

/** What Paddock knows of a row that it is about to write. */
export interface KnownRow {
  hash: string;
  state: 'PRESENT' | 'GONE' | 'UNFIT';
}

export interface WriteQuestion {
  mapping: CompiledMapping;
  /** The body that is live now; `null` where the document was removed. */
  wanted: { [name: string]: Json } | null;
  /** The current row; `undefined` where it does not exist. */
  present: Row | undefined;
  known: KnownRow | undefined;
  /** A write that was begun and whose end is not known: the body that it was to write, `null` for a deletion. */
  begun: { body: { [name: string]: Json } | null } | undefined;
  /** Cells of the row when it last meant the wanted body, by column. */
  image: ReadonlyMap<string, Buffer | null> | undefined;
}

export type WriteDecision =
  /** The row is as it shall be. */
  | { do: 'NOTHING' }
  /** `restores`: the cells are bytes that the row once held. */
  | { do: 'UPDATE'; cells: Cells; guard: string; restores?: true }
  | { do: 'INSERT'; cells: Cells; restores?: true }
  | { do: 'DELETE'; guard: string }
  /** Another program changed it: it is left alone. */
  | { do: 'DRIFT'; kind: 'CHANGED' | 'DELETED' | 'APPEARED' }
  /** The document does not fit into the row, or writing the row would reach further than the row. */
  | { do: 'REFUSE'; problems: WriteProblem[]; reachesFurther?: true };

/** Decides what to do about one row. Pure: the same question after a crash has the same answer, or `NOTHING`. */
export function decideWrite(question: WriteQuestion): WriteDecision {
  return question.present ? decidePresent(question, question.present) : decideAbsent(question);
}

function decidePresent(question: WriteQuestion, present: Row): WriteDecision {
  const { mapping, wanted, known, begun, image } = question;
  const hash = rowHash(present);
  // Our own write that succeeded before it could be recorded is no drift.
  const ours =
    (known?.state === 'PRESENT' && known.hash === hash) ||
    (begun?.body !== undefined && begun.body !== null && means(present, begun.body, mapping));
  if (!wanted)
    return ours
      ? { do: 'DELETE', guard: hash }
      : { do: 'DRIFT', kind: known?.state === 'PRESENT' ? 'CHANGED' : 'APPEARED' };
  if (!ours)
    return means(present, wanted, mapping)
      ? { do: 'NOTHING' }
      : { do: 'DRIFT', kind: known?.state === 'PRESENT' ? 'CHANGED' : 'APPEARED' };
  const { cells, problems, restores } = target(question, present);
  if (problems.length > 0) return { do: 'REFUSE', problems };
  // Only what differs is written: the other columns keep their bytes.
  const differing: Cells = new Map(
    [...cells].filter(([column, cell]) => !sameCell(cell, present[mapping.columns.indexOf(column)] ?? null)),
  );
  // Where the row meant the body before, its old bytes come back also where others would mean the same.
  if (differing.size === 0 || (!image && means(present, wanted, mapping))) return { do: 'NOTHING' };
  return { do: 'UPDATE', cells: differing, guard: hash, ...(restores ? { restores } : {}) };
}

function decideAbsent(question: WriteQuestion): WriteDecision {
  const { wanted, known, begun } = question;
  if (!wanted) return { do: 'NOTHING' };
  const weDeletedIt = begun?.body === null;
  if (known?.state === 'PRESENT' && !weDeletedIt) return { do: 'DRIFT', kind: 'DELETED' };
  const { cells, problems, restores } = target(question, undefined);
  return problems.length > 0 ? { do: 'REFUSE', problems } : { do: 'INSERT', cells, ...(restores ? { restores } : {}) };
}

function target(
  { mapping, wanted, image }: WriteQuestion,
  present: Row | undefined,
): { cells: Cells; problems: WriteProblem[]; restores?: true } {
  const unmapped = unmapBody(wanted ?? {}, mapping, present);
  // A mapping that was changed since may read something else in the bytes of then.
  if (
    !image ||
    !means(
      mapping.columns.map(({ ref }) => image.get(ref) ?? null),
      wanted ?? {},
      mapping,
    )
  )
    return unmapped;
  const written = mapping.fields.filter(({ field }) => !field.readOnly).map(({ column }) => column);
  const cells = new Map<AdoptedColumn, Buffer | null>(written.map((column) => [column, image.get(column.ref) ?? null]));
  return { cells, problems: [], restores: true };
}

/** The written columns that a row would have to be changed in to say what the body says. */
export function differingCells(body: { readonly [name: string]: Json }, mapping: CompiledMapping, row: Row): Cells {
  const { cells } = unmapBody(body, mapping, row);
  return new Map([...cells].filter(([column, cell]) => !sameCell(cell, row[mapping.columns.indexOf(column)] ?? null)));
}

/** Does the row say, in every column that is written, what the body says? */
export function means(row: Row, body: { readonly [name: string]: Json }, mapping: CompiledMapping): boolean {
  const { cells, problems } = unmapBody(body, mapping, row);
  return (
    problems.length === 0 &&
    mapping.columns.every((column, at) => !cells.has(column) || sameCell(cells.get(column) ?? null, row[at] ?? null))
  );
}

/** Byte for byte; NULL equals NULL alone. */
export function sameCell(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
