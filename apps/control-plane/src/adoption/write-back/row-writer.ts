import { Injectable } from '@nestjs/common';
import type { RowDataPacket } from 'mysql2/promise';
import { quoted, SourceError, type SourceSession } from '#foreign-database';
import { crashPoint } from '#runtime';
import { Database, type Tx } from '../../database/database.js';
import type { AdoptedRowRow, RowWriteRow } from '../adoption.entity.js';
import { type Drift, DriftEvents } from '../drift/drift-events.js';
import { sideEffectsOf } from '../inspection/side-effects.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { textCell } from '../mapping/transforms.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { packCells, unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole } from '../rows/scan.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { decideWrite, means, type WriteDecision } from './decide-write.js';
import { changedColumns, dependentsOfRemoval, dependentsOfUpdate } from './dependent-rows.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { NOTE, rowName, type RowStanding, standingOf } from './row-standing.js';
import { deleteSql, insertSql, newKeyOf, newRow, updateSql, type WholeRow } from './row-statements.js';

/** A table that is written: its mapping as it fits now, and the session that may write. */
export interface WrittenTable {
  mappingId: string;
  mapping: CompiledMapping;
  session: SourceSession;
  /** Goes into the transaction that remembers the rows, where all of them say what they shall. */
  settle?: (tx: Tx) => Promise<void>;
}

/** What became of a document's row, by a look at it. */
export interface WriteOutcome {
  document: ReleasedDocument;
  standing: RowStanding;
  /** Was there anything to write? */
  written: boolean;
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
      const plans = await withoutLosses(table, await this.plan(table, left));
      const { missed, failed } = await this.execute(table, plans);
      const again = round < ROUNDS ? missed : new Map<ReleasedDocument, string>();
      const settled = plans.filter(({ document }) => !again.has(document));
      outcomes.push(...(await this.remember(table, settled, new Map([...missed, ...failed]))));
      left = [...again.keys()];
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

  /** @returns documents whose rows were no longer as seen, and those whose rows the server refused, each with the reason */
  private async execute(table: WrittenTable, plans: readonly Plan[]): Promise<{ missed: Map<ReleasedDocument, string>; failed: Map<ReleasedDocument, string> }> {
    const { mappingId, mapping, session } = table;
    const missed = new Map<ReleasedDocument, string>();
    const failed = new Map<ReleasedDocument, string>();
    const writes = plans.filter(isWrite);
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
        if ((await session.write(statement(mapping, plan))) === 0) missed.set(plan.document, 'the row is changed faster than it can be written');
      } catch (error) {
        // Everything but what the server has against this very row is for whoever tries again.
        if (!(error instanceof SourceError) || error.code !== 'UNEXPECTED') throw error;
        // The key of a new row was taken in between: another one, or drift, is for the next round to find.
        (isDuplicate(error) && plan.decision.do === 'INSERT' ? missed : failed).set(plan.document, error.message);
      }
      crashPoint('write-back:between-rows');
    }
    return { missed, failed };
  }

  /** Reads the rows once more: what a statement said about itself proves nothing. What does not say what it shall is listed. */
  private async remember({ mappingId, mapping, session, settle }: WrittenTable, plans: readonly Plan[], failures: ReadonlyMap<ReleasedDocument, string>): Promise<WriteOutcome[]> {
    const rows = await RowsNow.read(session, mapping, plans.map(({ key }) => key));
    const judged = plans.map((plan) => judge(plan, { row: rows.of(plan), failure: failures.get(plan.document), mapping }));
    const equal = judged.filter(({ standing }) => standing.state === 'EQUAL');
    crashPoint('write-back:before-remembered');
    await this.db.tx(async (tx) => {
      await this.rows.store(tx, judged.flatMap((one) => seen(mappingId, one, rows)));
      await this.journal.end(tx, mappingId, plans.map(({ document }) => document.id));
      if (judged.length > 0 && equal.length === judged.length) await settle?.(tx);
      await this.drifts.vanished(tx, mappingId, { keyHashes: equal.flatMap(({ key }) => (key.length > 0 ? [rowHash(key)] : [])), documentIds: equal.map(({ document }) => document.id) });
      await this.drifts.record(tx, mappingId, mapping, judged.flatMap((one) => driftOf(one, mapping)));
      await this.tables.count(tx, mappingId, { writes: judged.filter((one) => isWrite(one) && one.failure === undefined).length });
    });
    return judged.map(outcome);
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

/** Writes that would take rows of other tables along become refusals. */
async function withoutLosses({ mapping, session }: WrittenTable, plans: readonly Plan[]): Promise<Plan[]> {
  if (!plans.some(({ decision }) => decision.do === 'UPDATE' || decision.do === 'DELETE')) return [...plans];
  const effects = await sideEffectsOf(session, mapping.table.name);
  const removed = await dependentsOfRemoval(session, mapping, effects, plans.filter(({ decision }) => decision.do === 'DELETE').map(({ key }) => key));
  const refused: Plan[] = [];
  for (const plan of plans) {
    const { decision, key } = plan;
    const dependent = decision.do === 'UPDATE' ? await dependentsOfUpdate(session, mapping, effects, [key], changedColumns(decision.cells.keys())) : removed;
    const why = decision.do === 'UPDATE' || decision.do === 'DELETE' ? dependent.get(rowHash(key)) : undefined;
    const problems = (why ?? []).map((one) => ({ field: '', column: mapping.body.key.join(', '), why: `would reach other tables: ${one}` }));
    refused.push(problems.length > 0 ? { ...plan, decision: { do: 'REFUSE', problems } } : plan);
  }
  return refused;
}

/** Rows as they are after a write, also those that the filters of the mapping leave out since. */
export class RowsNow {
  private constructor(
    private readonly all: ReadonlyMap<string, Row>,
    private readonly adopted: ReadonlySet<string>,
  ) {}

  static async read(session: SourceSession, mapping: CompiledMapping, keys: readonly Row[]): Promise<RowsNow> {
    const byKey = (rows: readonly Row[]) => new Map(rows.map((row) => [rowHash(row.slice(0, mapping.keyLength)), row]));
    const all = byKey(await readRows(session, mapping, keys, { adopted: false }));
    const filtered = (mapping.body.where ?? []).length > 0;
    return new RowsNow(all, new Set((filtered ? byKey(await readRows(session, mapping, keys)) : all).keys()));
  }

  /** The row of a document. Of one that was removed, a row that is adopted no more is nobody's. */
  of({ key, document }: { key: Row; document: Pick<ReleasedDocument, 'live'> }): Row | undefined {
    return document.live || this.isAdopted(key) ? this.all.get(rowHash(key)) : undefined;
  }

  isAdopted(key: Row): boolean {
    return this.adopted.has(rowHash(key));
  }
}

/** A plan that was carried out, and the row as it was read afterwards. */
interface Judged extends Plan {
  row: Row | undefined;
  /** Why the write failed, where it did. */
  failure: string | undefined;
  standing: RowStanding;
  drift: Pick<Drift, 'kind' | 'note'> | undefined;
}

function judge(plan: Plan, { row, failure, mapping }: Pick<Judged, 'row' | 'failure'> & { mapping: CompiledMapping }): Judged {
  const { document, decision } = plan;
  const question = { key: document.key, rowName: rowName(plan.key), live: document.live?.body ?? null, row, mapping };
  const standing = standingOf({ ...question, events: [] });
  if (standing.state === 'EQUAL') return { ...plan, row, failure, standing, drift: undefined };
  const drift = driftKind(decision, failure, standing.why.slice(document.key.length + 2));
  const ours = drift.note === undefined ? null : JSON.stringify({ [NOTE]: drift.note });
  return { ...plan, row, failure, standing: standingOf({ ...question, events: [{ kind: drift.kind, seq: document.seq, ours }] }), drift };
}

function driftKind(decision: WriteDecision, failure: string | undefined, difference: string): Pick<Drift, 'kind' | 'note'> {
  if (decision.do === 'DRIFT') return { kind: decision.kind };
  if (decision.do === 'REFUSE') return { kind: 'DOES_NOT_FIT', note: explained(decision) };
  return { kind: 'REFUSED', note: failure ?? `the old database stored something else: ${difference}` };
}

/** What is remembered of the row; nothing of one that was not written and does not say what it shall. */
function seen(mappingId: string, { document, known, key, row, standing, failure, ...plan }: Judged, rows: RowsNow): AdoptedRowRow[] {
  const equal = standing.state === 'EQUAL';
  if (key.length === 0 || !(equal || (isWrite(plan) && failure === undefined))) return [];
  const keyHash = rowHash(key);
  return [
    {
      ...{ mappingId, keyHash, keyCells: packCells(key), documentId: document.id, awaitsRelease: false, problems: null },
      rowHash: row ? rowHash(row) : (known?.rowHash ?? keyHash),
      bodySha256: equal ? (document.live?.sha256 ?? known?.bodySha256 ?? null) : null,
      state: row && rows.isAdopted(key) ? 'PRESENT' : 'GONE',
    },
  ];
}

function driftOf({ document, known, drift, key, row }: Judged, mapping: CompiledMapping): Drift[] {
  if (!drift) return [];
  const ours = document.live ? unmapBody(document.live.body, mapping, row).cells : undefined;
  // The key of a row that could not be added was a guess; the next attempt may make another one.
  const named = row || known ? key : [];
  return [{ key: named, documentId: document.id, kind: drift.kind, seq: document.seq, present: row, ours, ...(drift.note === undefined ? {} : { note: drift.note }) }];
}

function outcome({ document, standing, ...plan }: Judged): WriteOutcome {
  return { document, standing, written: isWrite(plan) };
}

function isWrite({ decision }: Pick<Plan, 'decision'>): boolean {
  return decision.do === 'UPDATE' || decision.do === 'INSERT' || decision.do === 'DELETE';
}

function explained({ problems }: Extract<WriteDecision, { do: 'REFUSE' }>): string {
  return problems.map(({ field, column, why }) => `${field === '' ? '' : `${field} `}(${column}) ${why}`).join('; ');
}

function isDuplicate(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'errno' in cause && cause.errno === 1062;
}
