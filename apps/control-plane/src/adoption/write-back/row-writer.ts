import { Injectable } from '@nestjs/common';
import { SourceError } from '#foreign-database';
import { crashPoint } from '#runtime';
import { Database } from '../../database/database.js';
import { DriftEvents } from '../drift/drift-events.js';
import type { Row } from '../mapping/compiled-mapping.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole } from '../rows/scan.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { decideWrite, means } from './decide-write.js';
import { driftOf, judge, outcome, seen, type WriteOutcome } from './judged-row.js';
import { NewKeys } from './new-keys.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { isWrite, journalEntry, type RowPlan, statement, wholeRow, withoutLosses } from './row-plan.js';
import { RowsNow } from './rows-now.js';
import type { WrittenTable } from './written-table.js';

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

  private async plan(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<RowPlan[]> {
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
    const plans: RowPlan[] = [];
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
      else plans.push({ document, known: row, key: fresh, present: undefined, insert: wholeRow(mapping, fresh, decision, ofBody ?? images.get(id)?.[0]?.row), decision });
    }
    return plans;
  }

  /** @returns documents whose rows were no longer as seen, and those whose rows the server refused, each with the reason */
  private async execute(table: WrittenTable, plans: readonly RowPlan[]): Promise<{ missed: Map<ReleasedDocument, string>; failed: Map<ReleasedDocument, string> }> {
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
  private async remember({ mappingId, mapping, session, settle }: WrittenTable, plans: readonly RowPlan[], failures: ReadonlyMap<ReleasedDocument, string>): Promise<WriteOutcome[]> {
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

function isDuplicate(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'errno' in cause && cause.errno === 1062;
}
