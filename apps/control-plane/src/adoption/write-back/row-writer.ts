import { Injectable } from '@nestjs/common';
import { SourceError } from '@paddock/foreign-database';
import { crashPoint } from '@paddock/runtime';
import { Database } from '../../database/database.js';
import { DriftEvents } from '../drift/drift-events.js';
import { sideEffectsOf } from '../inspection/side-effects.js';
import type { Row } from '../mapping/compiled-mapping.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole, type WholeRow } from '../rows/scan.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { changedBeside, keptColumns, mayChangeBeside, returningColumns } from './beside-columns.js';
import { decideWrite, means } from './decide-write.js';
import { returnDependents } from './dependents-return.js';
import { guardedWrite } from './guarded-write.js';
import { driftOf, judge, outcome, seen, type WriteOutcome } from './judged-row.js';
import { NewKeys } from './new-keys.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { type RowImage, RowJournal } from './row-journal.js';
import { isWrite, journalEntry, type RowPlan, wholeRow, withoutUnescaped, withReach } from './row-plan.js';
import { RowsNow } from './rows-now.js';
import type { WrittenTable } from './written-table.js';

/** A row that changes while it is written is looked at again so often. */
const ROUNDS = 3;

/**
 * Writes documents into their rows. Each write is entered in the journal first, made by one statement that matches
 * only the row that was seen, and recorded afterwards; after a crash, the row itself decides what is left to do.
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

  /** @throws SourceError when the source is unreachable; the next call finishes the started work */
  async write(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    let left = documents;
    for (let round = 1; left.length > 0; round += 1) {
      const plans = await withReach(table, await withoutUnescaped(table, await this.plan(table, left)));
      const { missed, failed, beside } = await this.execute(table, plans);
      const away = await this.bringBack(table, plans, new Set([...missed.keys(), ...failed.keys()]));
      const again = round < ROUNDS ? missed : new Map<ReleasedDocument, string>();
      const settled = plans.filter(({ document }) => !again.has(document));
      outcomes.push(
        ...(await this.remember(table, settled, { failures: new Map([...missed, ...failed]), away, beside })),
      );
      left = [...again.keys()];
    }
    return outcomes;
  }

  private async plan(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<RowPlan[]> {
    const { mappingId, mapping, session } = table;
    const ids = documents.map(({ id }) => id);
    const known = new Map((await this.rows.byDocuments(mappingId, ids)).map((row) => [row.documentId, row]));
    const begun = await this.journal.begun(mappingId);
    const bodies = await this.released.bodies(
      [...begun.values()].flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }])),
    );
    const images = await this.journal.images(mappingId, ids);
    const keys = new Map(
      documents.flatMap(({ id }): [string, Row][] => {
        const packed = known.get(id)?.keyCells ?? begun.get(id)?.keyCells;
        return packed === undefined ? [] : [[id, unpackCells(packed)]];
      }),
    );
    const present = new Map(
      (await readRows(session, mapping, [...keys.values()])).map((row) => [
        rowHash(row.slice(0, mapping.keyLength)),
        row,
      ]),
    );
    const newKeys = new NewKeys(table);
    const plans: RowPlan[] = [];
    const plain = { insert: undefined, beside: [], dependents: undefined };
    for (const document of documents) {
      const { id, live } = document;
      const row = known.get(id);
      const write = begun.get(id);
      const begunBody = write?.revision == null ? null : (bodies.get(id) ?? null);
      const planned = keys.get(id);
      const there = planned && present.get(rowHash(planned));
      // Another program took the auto-increment key before the row was written: the row needs another key.
      const taken = !row && write?.op === 'INSERT' && there && begunBody && !means(there, begunBody, mapping);
      const key = taken ? undefined : planned;
      const found = taken ? undefined : there;
      const ofBody = images.get(id)?.find(({ bodySha256 }) => bodySha256 === live?.sha256);
      const decision = decideWrite({
        ...{ mapping, wanted: live?.body ?? null, present: found, image: ofBody?.row },
        known: row && { hash: row.rowHash, state: row.state },
        begun: write && { body: begunBody },
      });
      if (decision.do !== 'INSERT') {
        plans.push({ ...plain, document, known: row, key: key ?? [], present: found, decision });
        continue;
      }
      const fresh = key ?? (await newKeys.next(document));
      const [occupyingRow] = 'why' in fresh || key ? [] : await readRows(session, mapping, [fresh]);
      if (occupyingRow && !('why' in fresh))
        plans.push({
          ...plain,
          document,
          known: row,
          key: fresh,
          present: occupyingRow,
          decision: { do: 'DRIFT', kind: 'APPEARED' },
        });
      else if ('why' in fresh)
        plans.push({
          ...plain,
          document,
          known: row,
          key: [],
          present: undefined,
          decision: { do: 'REFUSE', problems: [{ field: '', column: mapping.body.key.join(', '), why: fresh.why }] },
        });
      else
        plans.push({
          ...plain,
          document,
          known: row,
          key: fresh,
          present: undefined,
          insert: wholeRow(mapping, fresh, decision, (ofBody ?? images.get(id)?.[0])?.row),
          decision,
        });
    }
    return this.withBeside(table, plans, images);
  }

  /** Updates, with the columns that they name beside those of their documents. */
  private async withBeside(
    { mapping, session }: WrittenTable,
    plans: readonly RowPlan[],
    images: ReadonlyMap<string, readonly RowImage[]>,
  ): Promise<RowPlan[]> {
    const returning = plans.filter(
      ({ document, decision }) =>
        decision.do === 'UPDATE' && images.get(document.id)?.some(({ changedBeside: put }) => put !== undefined),
    );
    const present = await readWhole(
      session,
      mapping,
      returning.map(({ key }) => key),
    );
    return plans.map((plan) => {
      const { decision, document, key } = plan;
      if (decision.do !== 'UPDATE') return plan;
      const all = images.get(document.id) ?? [];
      const image = all.find(({ bodySha256 }) => bodySha256 === document.live?.sha256);
      const row = present.get(rowHash(key));
      const back =
        image && row
          ? returningColumns(mapping.table, { image, images: all, present: row, cells: decision.cells })
          : [];
      const kept = keptColumns(mapping, decision.cells).filter(
        ({ schema }) => !back.some((other) => other.schema.name === schema.name),
      );
      return { ...plan, beside: [...back, ...kept] };
    });
  }

  /**
   * @returns documents whose rows had changed since they were read, documents whose rows the server refused, each with
   * the reason, and changes beside the written columns
   */
  private async execute(table: WrittenTable, plans: readonly RowPlan[]): Promise<Executed> {
    const { mappingId, mapping, session } = table;
    const missed = new Map<ReleasedDocument, string>();
    const failed = new Map<ReleasedDocument, string>();
    const writes = plans.filter(isWrite);
    if (writes.length === 0) return { missed, failed, beside: new Map() };
    const meant = await this.released.seenBodies(
      writes.flatMap(({ document, known }) =>
        known?.bodySha256 ? [{ documentId: document.id, sha256: known.bodySha256 }] : [],
      ),
    );
    const before = await readWhole(
      session,
      mapping,
      writes.flatMap(({ present, key }) => (present ? [key] : [])),
    );
    await this.db.tx(async (tx) => {
      await this.journal.begin(
        tx,
        writes.map((plan) => journalEntry(mappingId, plan)),
      );
      await this.journal.keep(
        tx,
        writes.flatMap(({ document, known, key, present }) => {
          const row = present && before.get(rowHash(key));
          const body = meant.get(document.id);
          // Only what really means a body may come back for it.
          return row && known?.bodySha256 && body && means(present, body, mapping)
            ? [{ mappingId, documentId: document.id, bodySha256: known.bodySha256, row }]
            : [];
        }),
      );
      for (const { document, known, decision, dependents } of writes) {
        if (dependents && known?.bodySha256 && decision.do !== 'INSERT')
          await this.journal.keepDependents(
            tx,
            { mappingId, documentId: document.id, bodySha256: known.bodySha256 },
            dependents,
          );
      }
      await this.journal.returning(
        tx,
        mappingId,
        new Map(writes.flatMap(({ document: { id, live } }) => (live ? [[id, live.sha256] as const] : []))),
      );
    });
    crashPoint('write-back:journaled');
    // A row may refer to one that is written after it: as long as something is written, the others are tried again.
    for (let left = writes, count = Infinity; left.length > 0 && left.length < count;) {
      count = left.length;
      left = await this.statements(table, left, { missed, failed });
    }
    return { missed, failed, beside: await this.changedBeside(table, writes, before) };
  }

  /** @returns writes that failed because of a foreign key */
  private async statements(
    { mapping, session }: WrittenTable,
    writes: readonly RowPlan[],
    { missed, failed }: Omit<Executed, 'beside'>,
  ): Promise<RowPlan[]> {
    const waiting: RowPlan[] = [];
    for (const plan of writes) {
      const { document, decision } = plan;
      failed.delete(document);
      try {
        if ((await guardedWrite(session, mapping, plan)) === 0)
          missed.set(document, 'the row is changed faster than it can be written');
      } catch (error) {
        // Only a refusal of this very row is final; after all other errors the write is tried again.
        if (!(error instanceof SourceError) || error.code !== 'UNEXPECTED') throw error;
        // The key of a new row was taken in between: another one, or drift, is for the next round to find.
        (isDuplicate(error) && decision.do === 'INSERT' ? missed : failed).set(document, error.message);
        if (FOREIGN_KEY_ERRORS.has(errorNumber(error))) waiting.push(plan);
      }
      crashPoint('write-back:between-rows');
    }
    return waiting;
  }

  private async changedBeside(
    { mapping, session }: WrittenTable,
    writes: readonly RowPlan[],
    before: ReadonlyMap<string, WholeRow>,
  ): Promise<Executed['beside']> {
    const updates = writes.filter(({ decision }) => decision.do === 'UPDATE');
    if (updates.length === 0 || !mayChangeBeside(mapping, await sideEffectsOf(session, mapping.table.name)))
      return new Map();
    const after = await readWhole(
      session,
      mapping,
      updates.map(({ key }) => key),
    );
    return new Map(
      updates.flatMap(({ document, decision, key }) => {
        const [was, is] = [before.get(rowHash(key)), after.get(rowHash(key))];
        const changed =
          was && is && decision.do === 'UPDATE'
            ? changedBeside(mapping.table, { before: was, after: is, cells: decision.cells })
            : undefined;
        return changed && changed.size > 0 ? [[document, changed] as const] : [];
      }),
    );
  }

  /** Rows of other tables that once went with these ones, where these ones are back. @returns what of them is not there, by document */
  private async bringBack(
    { mappingId, session }: WrittenTable,
    plans: readonly RowPlan[],
    unwritten: ReadonlySet<ReleasedDocument>,
  ): Promise<Map<ReleasedDocument, string>> {
    const back = plans.filter(
      ({ document, decision }) =>
        document.live && !unwritten.has(document) && decision.do !== 'REFUSE' && decision.do !== 'DRIFT',
    );
    const wanted = await this.journal.dependentsOf(
      mappingId,
      back.flatMap(({ document: { id, live } }) => (live ? [{ id, sha256: live.sha256 }] : [])),
    );
    const away = new Map<ReleasedDocument, string>();
    for (const { document } of back) {
      const missing = await returnDependents(session, wanted.get(document.id) ?? []);
      if (missing.length > 0)
        away.set(document, `${missing.length} rows that went with it are not back: ${missing.slice(0, 3).join('; ')}`);
    }
    return away;
  }

  /** Reads the rows again: the result of a statement proves nothing. Rows that differ from their documents become drift. */
  private async remember(
    { mappingId, mapping, session, settle }: WrittenTable,
    plans: readonly RowPlan[],
    {
      failures,
      away,
      beside,
    }: {
      failures: ReadonlyMap<ReleasedDocument, string>;
      away: ReadonlyMap<ReleasedDocument, string>;
      beside: Executed['beside'];
    },
  ): Promise<WriteOutcome[]> {
    const rows = await RowsNow.read(
      session,
      mapping,
      plans.map(({ key }) => key),
    );
    const judged = plans.map((plan) =>
      judge(plan, { row: rows.of(plan), failure: failures.get(plan.document), away: away.get(plan.document), mapping }),
    );
    const equal = judged.filter(({ standing }) => standing.state === 'EQUAL');
    crashPoint('write-back:before-remembered');
    await this.db.tx(async (tx) => {
      await this.rows.store(
        tx,
        judged.flatMap((one) => seen(mappingId, one, rows)),
      );
      await this.journal.end(
        tx,
        mappingId,
        plans.map(({ document }) => document.id),
      );
      await this.journal.returned(
        tx,
        mappingId,
        equal.map(({ document }) => document.id),
      );
      await this.journal.changedBeside(
        tx,
        plans.flatMap(({ document, known }) => {
          const cells = beside.get(document);
          return cells && known?.bodySha256
            ? [{ mappingId, documentId: document.id, bodySha256: known.bodySha256, cells }]
            : [];
        }),
      );
      if (judged.length > 0 && equal.length === judged.length) await settle?.(tx);
      await this.drifts.vanished(tx, mappingId, {
        keyHashes: equal.flatMap(({ key }) => (key.length > 0 ? [rowHash(key)] : [])),
        documentIds: equal.map(({ document }) => document.id),
      });
      await this.drifts.record(
        tx,
        mappingId,
        mapping,
        judged.flatMap((one) => driftOf(one, mapping)),
      );
      await this.tables.count(tx, mappingId, {
        writes: judged.filter((one) => isWrite(one) && one.failure === undefined).length,
      });
    });
    return judged.map(outcome);
  }
}

/** What came of the statements. */
interface Executed {
  missed: Map<ReleasedDocument, string>;
  failed: Map<ReleasedDocument, string>;
  beside: Map<ReleasedDocument, WholeRow>;
}

/** A row that another one refers to, and a row that refers to none. */
const FOREIGN_KEY_ERRORS: ReadonlySet<number> = new Set([1451, 1452]);

function isDuplicate(error: unknown): boolean {
  return errorNumber(error) === 1062;
}

function errorNumber(error: unknown): number {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'errno' in cause && typeof cause.errno === 'number'
    ? cause.errno
    : 0;
}
