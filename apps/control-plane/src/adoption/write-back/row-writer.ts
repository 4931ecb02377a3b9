import { Injectable } from '@nestjs/common';
import type { RowDataPacket } from 'mysql2/promise';
import { quoted, SourceError, type SourceSession } from '#foreign-database';
import { crashPoint } from '#runtime';
import { Database } from '../../database/database.js';
import type { AdoptedRowRow, RowWriteRow } from '../adoption.entity.js';
import { type Drift, DriftEvents } from '../drift/drift-events.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { textCell } from '../mapping/transforms.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { packCells, unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole } from '../rows/scan.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { decideWrite, means, type WriteDecision } from './decide-write.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { deleteSql, insertSql, newKeyOf, newRow, updateSql, type WholeRow } from './row-statements.js';

/** A table that is written: its mapping as it fits now, and the session that may write. */
export interface WrittenTable {
  mappingId: string;
  mapping: CompiledMapping;
  session: SourceSession;
}

/** What became of a document's row. */
export interface WriteOutcome {
  document: ReleasedDocument;
  result: 'WRITTEN' | 'UNCHANGED' | 'DRIFT' | 'REFUSED';
  why?: string;
}

interface Plan {
  document: ReleasedDocument;
  known: AdoptedRowRow | undefined;
  key: Row;
  present: Row | undefined;
  /** The whole row for an INSERT. */
  insert: WholeRow | undefined;
  decision: WriteDecision;
}

/** A row that changes while it is written is looked at again so often. */
const ROUNDS = 3;

/**
 * Brings rows to what their documents say. Each write is announced in the journal, made by one statement that matches
 * only the row that was seen, and remembered afterwards; whoever comes after a crash decides again from the row itself.
 */
@Injectable()
export class RowWriter {
  constructor(
    private readonly db: Database,
    private readonly rows: AdoptedRows,
    private readonly journal: RowJournal,
    private readonly drifts: DriftEvents,
    private readonly tables: AdoptedTables,
    private readonly released: ReleasedDocuments,
  ) {}

  /** @throws SourceError when the source is away; what was begun is finished by the next one */
  async write(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    let left = documents;
    for (let round = 1; left.length > 0; round += 1) {
      const plans = await this.plan(table, left);
      const { missed, failed } = await this.execute(table, plans);
      const settled = plans.filter((plan) => !missed.has(plan.document) && !failed.has(plan.document));
      outcomes.push(...(await this.remember(table, settled)), ...[...failed].map(([document, why]): WriteOutcome => ({ document, result: 'REFUSED', why })));
      if (missed.size > 0 && round === ROUNDS) throw new SourceError('TOO_SLOW', 'rows are changed faster than they can be written');
      left = [...missed];
    }
    return outcomes;
  }

  private async plan(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<Plan[]> {
    const { mappingId, mapping, session } = table;
    const ids = documents.map(({ id }) => id);
    const known = new Map((await this.rows.byDocuments(mappingId, ids)).map((row) => [row.documentId, row]));
    const begun = await this.journal.begun(mappingId);
    const bodies = await this.released.bodies([...begun.values()].flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }])));
    const images = await this.journal.images(mappingId, ids);
    const keys = new Map(documents.flatMap(({ id }): [string, Row][] => {
      const packed = known.get(id)?.keyCells ?? begun.get(id)?.keyCells;
      return packed === undefined ? [] : [[id, unpackCells(packed)]];
    }));
    const present = new Map((await readRows(session, mapping, [...keys.values()])).map((row) => [rowHash(row.slice(0, mapping.keyLength)), row]));
    const newKeys = new NewKeys(table);
    const plans: Plan[] = [];
    for (const document of documents) {
      const { id, live } = document;
      const row = known.get(id);
      const write = begun.get(id);
      const begunBody = write?.revision == null ? null : (bodies.get(id) ?? null);
      const planned = keys.get(id);
      const there = planned && present.get(rowHash(planned));
      // A counted key that somebody else took before the row was there: the row needs another one.
      const taken = !row && write?.op === 'INSERT' && there && begunBody && !means(there, begunBody, mapping);
      const key = taken ? undefined : planned;
      const found = taken ? undefined : there;
      const ofBody = images.get(id)?.find(({ bodySha256 }) => bodySha256 === live?.sha256)?.row;
      const decision = decideWrite({
        ...{ mapping, wanted: live?.body ?? null, present: found, image: ofBody },
        known: row && { hash: row.rowHash, state: row.state },
        begun: write && { body: begunBody },
      });
      if (decision.do !== 'INSERT') {
        plans.push({ document, known: row, key: key ?? [], present: found, insert: undefined, decision });
        continue;
      }
      const fresh = key ?? (await newKeys.next(document));
      const [squatter] = 'why' in fresh || key ? [] : await readRows(session, mapping, [fresh]);
      if (squatter && !('why' in fresh)) plans.push({ document, known: row, key: fresh, present: squatter, insert: undefined, decision: { do: 'DRIFT', kind: 'APPEARED' } });
      else if ('why' in fresh) plans.push({ document, known: row, key: [], present: undefined, insert: undefined, decision: { do: 'REFUSE', problems: [{ field: '', column: mapping.body.key.join(', '), why: fresh.why }] } });
      else plans.push({ document, known: row, key: fresh, present: undefined, insert: whole(mapping, fresh, decision, ofBody ?? images.get(id)?.[0]?.row), decision });
    }
    return plans;
  }

  /** @returns documents whose rows were no longer as seen, and those whose rows the server refused */
  private async execute(table: WrittenTable, plans: readonly Plan[]): Promise<{ missed: Set<ReleasedDocument>; failed: Map<ReleasedDocument, string> }> {
    const { mappingId, mapping, session } = table;
    const missed = new Set<ReleasedDocument>();
    const failed = new Map<ReleasedDocument, string>();
    const writes = plans.filter(({ decision }) => ['UPDATE', 'INSERT', 'DELETE'].includes(decision.do));
    if (writes.length === 0) return { missed, failed };
    const meant = await this.released.seenBodies(writes.flatMap(({ document, known }) => (known?.bodySha256 ? [{ documentId: document.id, sha256: known.bodySha256 }] : [])));
    const before = await readWhole(session, mapping, writes.flatMap(({ present, key }) => (present ? [key] : [])));
    await this.db.tx(async (tx) => {
      await this.journal.begin(tx, writes.map((plan) => journalEntry(mappingId, plan)));
      await this.journal.keep(tx, writes.flatMap(({ document, known, key, present }) => {
        const row = present && before.get(rowHash(key));
        const body = meant.get(document.id);
        // Only what really means a body may come back for it.
        return row && known?.bodySha256 && body && means(present, body, mapping) ? [{ mappingId, documentId: document.id, bodySha256: known.bodySha256, row }] : [];
      }));
    });
    crashPoint('write-back:journaled');
    for (const plan of writes) {
      try {
        if ((await session.write(statement(mapping, plan))) === 0) missed.add(plan.document);
      } catch (error) {
        // Everything but what the server has against this very row is for whoever tries again.
        if (!(error instanceof SourceError) || error.code !== 'UNEXPECTED') throw error;
        // The key was taken in between: another one, or drift, is for the next round to find.
        if (isDuplicate(error)) missed.add(plan.document);
        else failed.set(plan.document, `${plan.document.key}: ${error.message}`);
      }
      crashPoint('write-back:between-rows');
    }
    if (failed.size > 0) await this.db.tx((tx) => this.journal.end(tx, mappingId, [...failed.keys()].map(({ id }) => id)));
    return { missed, failed };
  }

  private async remember({ mappingId, mapping, session }: WrittenTable, plans: readonly Plan[]): Promise<WriteOutcome[]> {
    const withRow = plans.filter(({ key, decision }) => key.length > 0 && decision.do !== 'DRIFT' && decision.do !== 'REFUSE');
    const now = new Map((await readRows(session, mapping, withRow.map(({ key }) => key))).map((row) => [rowHash(row.slice(0, mapping.keyLength)), row]));
    crashPoint('write-back:before-remembered');
    await this.db.tx(async (tx) => {
      await this.rows.store(tx, withRow.map((plan) => seen(mappingId, plan, now.get(rowHash(plan.key)))));
      await this.journal.end(tx, mappingId, plans.map(({ document }) => document.id));
      await this.drifts.vanished(tx, mappingId, withRow.map(({ key }) => rowHash(key)));
      await this.drifts.record(tx, mappingId, mapping, plans.flatMap((plan) => driftOf(plan, mapping)));
      await this.tables.count(tx, mappingId, { writes: plans.filter(({ decision }) => ['UPDATE', 'INSERT', 'DELETE'].includes(decision.do)).length });
    });
    return plans.map(outcome);
  }
}

/** Keys of rows that do not exist yet. */
class NewKeys {
  private last: bigint | undefined;

  constructor(private readonly table: WrittenTable) {}

  async next({ key }: ReleasedDocument): Promise<Row | { why: string }> {
    const { mapping, session } = this.table;
    const way = newKeyOf(mapping);
    if (way.by === 'NONE') return { why: way.why };
    if (way.by === 'DOCUMENT_KEY') {
      const cell = textCell(key.slice(mapping.body.documents.keyPrefix.length), way.column);
      return cell ? [cell] : { why: `${way.column.name} cannot hold the key` };
    }
    this.last = (this.last ?? (await highest(session, mapping, way.column.name))) + 1n;
    return [Buffer.from(String(this.last))];
  }
}

/** Also above rows that were deleted: the server's counter knows them. */
async function highest(session: SourceSession, { table }: CompiledMapping, column: string): Promise<bigint> {
  const [row] = await session.query<RowDataPacket & { highest: string | null }>(`SELECT CAST(MAX(${quoted(column)}) AS CHAR) AS highest FROM ${quoted(table.name)}`);
  // By itself: a name with a question mark in it would take the place of the value.
  const [counter] = await session.query<RowDataPacket & { next: string | null }>(
    'SELECT CAST(AUTO_INCREMENT AS CHAR) AS next FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table.name],
  );
  const counted = BigInt(counter?.next ?? 1) - 1n;
  const found = BigInt(row?.highest ?? 0);
  return counted > found ? counted : found;
}

function whole(mapping: CompiledMapping, key: Row, decision: Extract<WriteDecision, { do: 'INSERT' }>, image: WholeRow | undefined): WholeRow {
  const fresh = newRow(mapping, key, decision.cells);
  if (!image) return fresh;
  const back = new Map(image);
  for (const [column, cell] of decision.cells) back.set(column.schema.name, cell);
  return back;
}

function statement(mapping: CompiledMapping, { decision, key, insert }: Plan): string {
  if (decision.do === 'UPDATE') return updateSql(mapping, key, decision.cells, decision.guard);
  if (decision.do === 'DELETE') return deleteSql(mapping, key, decision.guard);
  if (decision.do === 'INSERT' && insert) return insertSql(mapping, insert);
  throw new Error(`${decision.do} writes nothing`);
}

function journalEntry(mappingId: string, { document, decision, key }: Plan): Omit<RowWriteRow, 'preparedAt'> {
  const op = decision.do === 'INSERT' || decision.do === 'DELETE' ? decision.do : 'UPDATE';
  return { mappingId, documentId: document.id, op, revision: document.live?.revision ?? null, keyCells: packCells(key), seq: document.seq };
}

function seen(mappingId: string, { document, known, key }: Plan, row: Row | undefined): AdoptedRowRow {
  return {
    ...{ mappingId, keyHash: rowHash(key), keyCells: packCells(key), documentId: document.id, awaitsRelease: false, problems: null },
    rowHash: row ? rowHash(row) : (known?.rowHash ?? rowHash(key)),
    bodySha256: document.live?.sha256 ?? known?.bodySha256 ?? null,
    state: row ? 'PRESENT' : 'GONE',
  };
}

function driftOf({ document, decision, key, present }: Plan, mapping: CompiledMapping): Drift[] {
  if (decision.do !== 'DRIFT' && !(decision.do === 'REFUSE' && key.length > 0)) return [];
  const ours = document.live ? unmapBody(document.live.body, mapping, present).cells : undefined;
  const base = { key, documentId: document.id, seq: document.seq, present, ours };
  return decision.do === 'DRIFT' ? [{ ...base, kind: decision.kind }] : [{ ...base, kind: 'DOES_NOT_FIT', note: explained(decision) }];
}

function outcome({ document, decision, key }: Plan): WriteOutcome {
  switch (decision.do) {
    case 'NOTHING':
      return { document, result: 'UNCHANGED' };
    case 'DRIFT':
      return { document, result: 'DRIFT', why: `${document.key}: the row ${key.map((cell) => cell?.toString('latin1') ?? 'NULL').join(', ')} was ${decision.kind.toLowerCase()} by somebody else` };
    case 'REFUSE':
      return { document, result: 'REFUSED', why: `${document.key}: ${explained(decision)}` };
    default:
      return { document, result: 'WRITTEN' };
  }
}

function explained({ problems }: Extract<WriteDecision, { do: 'REFUSE' }>): string {
  return problems.map(({ field, column, why }) => `${field === '' ? '' : `${field} `}(${column}) ${why}`).join('; ');
}

function isDuplicate(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'errno' in cause && cause.errno === 1062;
}
