import type { AdoptedRowRow, RowWriteRow } from '../adoption.entity.js';
import type { AdoptedColumn, CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readWhole, type WholeRow } from '../rows/scan.js';
import type { WriteDecision } from './decide-write.js';
import type { Dependent } from './dependents.js';
import { Reaches, unaccepted } from './reach.js';
import type { ReleasedDocument } from './released-documents.js';
import { type BesideColumn, deleteSql, insertSql, newRow, updateSql } from './row-statements.js';
import { UnescapedText } from './unescaped-text.js';
import type { WrittenTable } from './written-table.js';

/** What is to be done about the row of one document. */
export interface RowPlan {
  document: ReleasedDocument;
  known: AdoptedRowRow | undefined;
  key: Row;
  present: Row | undefined;
  /** The whole row for an INSERT. */
  insert: WholeRow | undefined;
  decision: WriteDecision;
  /** Columns that an UPDATE names beside those of the document. */
  beside: readonly BesideColumn[];
  /** Rows of other tables that the write takes along; `undefined` where nothing refers to the table. */
  dependents: readonly Dependent[] | undefined;
}

/** Is there anything to write? */
export function isWrite({ decision }: Pick<RowPlan, 'decision'>): boolean {
  return decision.do === 'UPDATE' || decision.do === 'INSERT' || decision.do === 'DELETE';
}

/** The whole of a new row, or of one that comes back with everything that it had. */
export function wholeRow(
  mapping: CompiledMapping,
  key: Row,
  decision: Extract<WriteDecision, { do: 'INSERT' }>,
  image: WholeRow | undefined,
): WholeRow {
  const fresh = newRow(mapping, key, decision.cells);
  if (!image) return fresh;
  const back = new Map(image);
  for (const [column, cell] of decision.cells) back.set(column.schema.name, cell);
  return back;
}

/** The one statement by which a row is written. */
export function statement(mapping: CompiledMapping, { decision, key, insert, beside }: RowPlan): string {
  if (decision.do === 'UPDATE') return updateSql(mapping, key, { ...decision, beside });
  if (decision.do === 'DELETE') return deleteSql(mapping, key, decision.guard);
  if (decision.do === 'INSERT' && insert) return insertSql(mapping.table, insert);
  throw new Error(`${decision.do} writes nothing`);
}

/** What is announced before the statement. */
export function journalEntry(mappingId: string, { document, decision, key }: RowPlan): Omit<RowWriteRow, 'preparedAt'> {
  const op = decision.do === 'INSERT' || decision.do === 'DELETE' ? decision.do : 'UPDATE';
  return {
    mappingId,
    documentId: document.id,
    op,
    revision: document.live?.revision ?? null,
    keyCells: packCells(key),
    seq: document.seq,
  };
}

/** Writes that reach further than their mapping accepts become refusals; the others say which rows they take along. */
export async function withReach({ mapping, session }: WrittenTable, plans: readonly RowPlan[]): Promise<RowPlan[]> {
  const reaches = new Reaches(session);
  if (!(await reaches.any(mapping.table.name))) return [...plans];
  const before = await readWhole(
    session,
    mapping,
    plans.flatMap((plan) => (isWrite(plan) && plan.present ? [plan.key] : [])),
  );
  const judged: RowPlan[] = [];
  for (const plan of plans) {
    const { decision, key, known } = plan;
    if (decision.do !== 'INSERT' && decision.do !== 'UPDATE' && decision.do !== 'DELETE') {
      judged.push(plan);
      continue;
    }
    const changed = changedColumns(decision.do === 'UPDATE' ? decision.cells.keys() : []);
    const reach = await reaches.of(mapping.table, { on: decision.do, row: before.get(rowHash(key)), changed });
    // Nothing could bring them back: they are kept for the body that the row means.
    const unkept =
      reach.dependents.length > 0 && !known?.bodySha256
        ? ['rows of other tables go with a row that means no released document, so nothing could put them back']
        : [];
    const why = [...unaccepted(reach, mapping.body.accepts).map((one) => one.why), ...unkept];
    const problems = why.map((one) => ({
      field: '',
      column: mapping.body.key.join(', '),
      why: `would reach further: ${one}`,
    }));
    judged.push(
      problems.length > 0
        ? { ...plan, decision: { do: 'REFUSE', problems, reachesFurther: true } }
        : { ...plan, dependents: reach.dependents },
    );
  }
  return judged;
}

/** Text that must not be stored as it is becomes a refusal; bytes that the row once held go back. */
export async function withoutUnescaped(
  { mapping, session }: WrittenTable,
  plans: readonly RowPlan[],
): Promise<RowPlan[]> {
  const unescaped = new UnescapedText(session, mapping);
  const judged: RowPlan[] = [];
  for (const plan of plans) {
    const { decision } = plan;
    const found =
      (decision.do === 'UPDATE' || decision.do === 'INSERT') && !decision.restores
        ? await unescaped.in(decision.cells)
        : [];
    const problems = found.map(({ why, mend }) => ({
      field: '',
      column: mapping.body.key.join(', '),
      why: `${why}; ${mend}`,
    }));
    judged.push(problems.length > 0 ? { ...plan, decision: { do: 'REFUSE', problems, reachesFurther: true } } : plan);
  }
  return judged;
}

/** The columns that an UPDATE of a row would change. */
export function changedColumns(columns: Iterable<AdoptedColumn>): ReadonlySet<string> {
  return new Set([...columns].map(({ schema }) => schema.name));
}
