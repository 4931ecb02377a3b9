import type { AdoptedRowRow, RowWriteRow } from '../adoption.entity.js';
import { sideEffectsOf } from '../inspection/side-effects.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import type { WriteDecision } from './decide-write.js';
import { changedColumns, dependentsOfRemoval, dependentsOfUpdate } from './dependent-rows.js';
import type { ReleasedDocument } from './released-documents.js';
import { deleteSql, insertSql, newRow, updateSql, type WholeRow } from './row-statements.js';
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
}

/** Is there anything to write? */
export function isWrite({ decision }: Pick<RowPlan, 'decision'>): boolean {
  return decision.do === 'UPDATE' || decision.do === 'INSERT' || decision.do === 'DELETE';
}

/** The whole of a new row, or of one that comes back with everything that it had. */
export function wholeRow(mapping: CompiledMapping, key: Row, decision: Extract<WriteDecision, { do: 'INSERT' }>, image: WholeRow | undefined): WholeRow {
  const fresh = newRow(mapping, key, decision.cells);
  if (!image) return fresh;
  const back = new Map(image);
  for (const [column, cell] of decision.cells) back.set(column.schema.name, cell);
  return back;
}

/** The one statement by which a row is written. */
export function statement(mapping: CompiledMapping, { decision, key, insert }: RowPlan): string {
  if (decision.do === 'UPDATE') return updateSql(mapping, key, decision.cells, decision.guard);
  if (decision.do === 'DELETE') return deleteSql(mapping, key, decision.guard);
  if (decision.do === 'INSERT' && insert) return insertSql(mapping, insert);
  throw new Error(`${decision.do} writes nothing`);
}

/** What is announced before the statement. */
export function journalEntry(mappingId: string, { document, decision, key }: RowPlan): Omit<RowWriteRow, 'preparedAt'> {
  const op = decision.do === 'INSERT' || decision.do === 'DELETE' ? decision.do : 'UPDATE';
  return { mappingId, documentId: document.id, op, revision: document.live?.revision ?? null, keyCells: packCells(key), seq: document.seq };
}

/** Writes that would take rows of other tables along become refusals. */
export async function withoutLosses({ mapping, session }: WrittenTable, plans: readonly RowPlan[]): Promise<RowPlan[]> {
  if (!plans.some(({ decision }) => decision.do === 'UPDATE' || decision.do === 'DELETE')) return [...plans];
  const effects = await sideEffectsOf(session, mapping.table.name);
  const removed = await dependentsOfRemoval(session, mapping, effects, plans.filter(({ decision }) => decision.do === 'DELETE').map(({ key }) => key));
  const refused: RowPlan[] = [];
  for (const plan of plans) {
    const { decision, key } = plan;
    const dependent = decision.do === 'UPDATE' ? await dependentsOfUpdate(session, mapping, effects, [key], changedColumns(decision.cells.keys())) : removed;
    const why = decision.do === 'UPDATE' || decision.do === 'DELETE' ? dependent.get(rowHash(key)) : undefined;
    const problems = (why ?? []).map((one) => ({ field: '', column: mapping.body.key.join(', '), why: `would reach other tables: ${one}` }));
    refused.push(problems.length > 0 ? { ...plan, decision: { do: 'REFUSE', problems, reachesFurther: true } } : plan);
  }
  return refused;
}
