import type { AdoptedRowRow } from '../adoption.entity.js';
import type { Drift } from '../drift/drift-events.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import type { WriteDecision } from './decide-write.js';
import type { ReleasedDocument } from './released-documents.js';
import { isWrite, type RowPlan } from './row-plan.js';
import { NOTE, rowName, type RowStanding, standingOf } from './row-standing.js';
import type { RowsNow } from './rows-now.js';

/** What became of a document's row, by a look at it. */
export interface WriteOutcome {
  document: ReleasedDocument;
  standing: RowStanding;
  /** Was there anything to write? */
  written: boolean;
}

/** A plan that was carried out, and the row as it was read afterwards. */
export interface JudgedRow extends RowPlan {
  row: Row | undefined;
  /** Why the write failed, where it did. */
  failure: string | undefined;
  /** Rows of other tables that should have been restored with the row, and were not. */
  away: string | undefined;
  standing: RowStanding;
  drift: Pick<Drift, 'kind' | 'note'> | undefined;
}

/** Compares the row with its document, and reports the difference. Pure. */
export function judge(
  plan: RowPlan,
  { row, failure, away, mapping }: Pick<JudgedRow, 'row' | 'failure' | 'away'> & { mapping: CompiledMapping },
): JudgedRow {
  const { document, decision } = plan;
  const question = { key: document.key, rowName: rowName(plan.key), live: document.live?.body ?? null, row, mapping };
  const standing = standingOf({ ...question, events: [] });
  if (standing.state === 'EQUAL' && away !== undefined)
    return {
      ...plan,
      row,
      failure,
      away,
      standing: { state: 'DIFFERS', why: `${document.key}: ${away}` },
      drift: { kind: 'REFUSED', note: away },
    };
  if (standing.state === 'EQUAL') return { ...plan, row, failure, away, standing, drift: undefined };
  const drift = driftKind(decision, failure, standing.why.slice(document.key.length + 2));
  const ours = drift.note === undefined ? null : JSON.stringify({ [NOTE]: drift.note });
  return {
    ...plan,
    row,
    failure,
    away,
    standing: standingOf({ ...question, events: [{ kind: drift.kind, seq: document.seq, ours }] }),
    drift,
  };
}

function driftKind(
  decision: WriteDecision,
  failure: string | undefined,
  difference: string,
): Pick<Drift, 'kind' | 'note'> {
  if (decision.do === 'DRIFT') return { kind: decision.kind };
  if (decision.do === 'REFUSE')
    return { kind: decision.reachesFurther ? 'REFUSED' : 'DOES_NOT_FIT', note: explained(decision) };
  return { kind: 'REFUSED', note: failure ?? `the old database stored something else: ${difference}` };
}

/** What is remembered of the row; nothing of one that was not written and does not say what it shall. */
export function seen(
  mappingId: string,
  { document, known, key, row, standing, failure, ...plan }: JudgedRow,
  rows: RowsNow,
): AdoptedRowRow[] {
  const equal = standing.state === 'EQUAL' || plan.away !== undefined;
  if (key.length === 0 || !(equal || (isWrite(plan) && failure === undefined))) return [];
  const keyHash = rowHash(key);
  return [
    {
      ...{
        mappingId,
        keyHash,
        keyCells: packCells(key),
        documentId: document.id,
        awaitsRelease: false,
        problems: null,
      },
      rowHash: row ? rowHash(row) : (known?.rowHash ?? keyHash),
      bodySha256: equal ? (document.live?.sha256 ?? known?.bodySha256 ?? null) : null,
      state: row && rows.isAdopted(key) ? 'PRESENT' : 'GONE',
    },
  ];
}

/** The event of a row that does not say what it shall. */
export function driftOf({ document, known, drift, key, row }: JudgedRow, mapping: CompiledMapping): Drift[] {
  if (!drift) return [];
  const ours = document.live ? unmapBody(document.live.body, mapping, row).cells : undefined;
  // The key of a row that could not be added was a guess; the next attempt may make another one.
  const named = row || known ? key : [];
  return [
    {
      key: named,
      documentId: document.id,
      kind: drift.kind,
      seq: document.seq,
      present: row,
      ours,
      ...(drift.note === undefined ? {} : { note: drift.note }),
    },
  ];
}

/** What became of the document's row. */
export function outcome({ document, standing, ...plan }: JudgedRow): WriteOutcome {
  return { document, standing, written: isWrite(plan) };
}

function explained({ problems }: Extract<WriteDecision, { do: 'REFUSE' }>): string {
  return problems.map(({ field, column, why }) => `${field === '' ? '' : `${field} `}(${column}) ${why}`).join('; ');
}
