import { Inject, Injectable } from '@nestjs/common';
import { EMPTY_STATE, type Receipt } from '@paddock/contracts';
import { SourceError } from '@paddock/foreign-database';
import { FieldProblem } from '../../graphql/problems.js';
import { LOGGER, type Logger } from '../../process.js';
import type { AdoptedTableRow, DriftEventRow } from '../adoption.entity.js';
import { DriftEvents } from '../drift/drift-events.js';
import { Sources } from '../source/sources.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { compileAt } from '../tables/table-reader.js';
import { BUSY, TableLock } from '../tables/table-lock.js';
import { Baseline } from '../watch/baseline.js';
import type { WriteOutcome } from './judged-row.js';
import { LEGACY_TABLE, receiptOf } from './legacy-receipt.js';
import { RejectedReleases } from './rejected-releases.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { RowWriter } from './row-writer.js';
import type { WrittenTable } from './written-table.js';

/** Documents whose rows are written between two looks at the database. */
const PORTION = 100;
const LOCK_SECONDS = 10;
/** Without it every row would look like a row that another program added. */
export const NOT_IMPORTED = 'its rows were never imported; import them by adoptTable first';

/** Carries what landed into the old tables. One way for deliveries, for what a crash left, and for settling drift. */
@Injectable()
export class WriteBack {
  constructor(
    private readonly mappings: Mappings,
    private readonly sources: Sources,
    private readonly tables: AdoptedTables,
    private readonly released: ReleasedDocuments,
    private readonly writer: RowWriter,
    private readonly rejected: RejectedReleases,
    private readonly drifts: DriftEvents,
    private readonly journal: RowJournal,
    private readonly lock: TableLock,
    private readonly baseline: Baseline,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Brings every written table of an environment up to what landed, and tries again what is due. Each table's receipts are
   * reported before its position moves on, so a crash in between repeats them.
   * @returns the seq that all of them have, with the receipts that were reported
   * @throws PartlyWritten after trying all of them, where one could not be reached
   */
  async bringUp(
    environment: string,
    report: Report = () => Promise.resolve(),
  ): Promise<{ seq: number; receipts: Receipt[] }> {
    const head = await this.released.headSeq(environment);
    const receipts: Receipt[] = [];
    let failed: unknown;
    for (const mapping of await this.mappings.live(environment)) {
      if (mapping.body.mode !== 'WRITE_BACK') continue;
      try {
        receipts.push(...(await this.table(mapping, head, report)));
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failed = error;
      }
    }
    if (failed !== undefined) throw new PartlyWritten(receipts, failed);
    return { seq: head, receipts };
  }

  /**
   * Writes some documents of a mapping again, to settle drift in our favour. If all rows then agree, `settle` runs in
   * the transaction that records them.
   */
  async again(
    mapping: Mapping,
    documentIds: readonly string[],
    settle: WrittenTable['settle'],
  ): Promise<WriteOutcome[]> {
    const { environment, source: key } = mapping.body;
    const head = await this.released.headSeq(environment);
    const source = await this.sources.findOrThrow(key);
    return this.sources.use(source, { write: true }, async (session) => {
      const compiled = await compileAt(session, mapping.body);
      if (!compiled.ok) throw new SourceError('UNEXPECTED', pausedBecause(compiled.problems));
      const seqs = await this.released.lastSeqs(mapping.body, documentIds, head);
      const table = { mappingId: mapping.id, mapping: compiled.mapping, session, ...(settle ? { settle } : {}) };
      return this.writer.write(table, await this.released.live(environment, seqs, head));
    });
  }

  private async table(mapping: Mapping, head: number, report: Report): Promise<Receipt[]> {
    const state = await this.tables.follow(mapping.id, mapping.body, 'WRITE_BACK');
    const begun = await this.journal.begun(mapping.id);
    const due = await this.drifts.due(mapping.id, new Date());
    const rejected = await this.rejected.toJudge(mapping, state.writtenSeq);
    if (state.writtenSeq >= head && begun.size === 0 && due.length === 0 && rejected.length === 0) return [];
    const source = await this.sources.findOrThrow(mapping.body.source);
    const result = await this.lock.hold(mapping.id, LOCK_SECONDS, () =>
      this.sources.use(source, { write: true }, async (session) => {
        const compiled = await compileAt(session, mapping.body);
        if (!compiled.ok) return this.pause(mapping, { why: pausedBecause(compiled.problems), state, head, report });
        if (state.importedAt === null) return this.pause(mapping, { why: NOT_IMPORTED, state, head, report });
        if (!this.baseline.isCurrent(state, compiled.mapping))
          await this.baseline.takeAnew(mapping, compiled.mapping, session);
        if (state.pausedBecause !== null) await this.tables.update(mapping.id, { pausedBecause: null });
        const table = { mappingId: mapping.id, mapping: compiled.mapping, session };
        const tried = await this.toWrite(mapping, { writtenSeq: state.writtenSeq, head, due });
        const outcomes = await this.writeAll(table, await this.released.live(mapping.body.environment, tried, head));
        const receipts = await this.rejected.receipts(table, {
          mapping,
          writtenSeq: state.writtenSeq,
          head,
          rejected,
          outcomes,
        });
        await report(receipts);
        await this.tables.update(mapping.id, { writtenSeq: head });
        if (outcomes.length > 0)
          this.logger.info(
            {
              mapping: mapping.key,
              head,
              written: outcomes.filter(({ written }) => written).length,
              differing: outcomes.filter(({ standing }) => standing.state === 'DIFFERS').length,
            },
            'rows written back',
          );
        return receipts;
      }),
    );
    if (result === BUSY) throw new SourceError('TOO_SLOW', `the table ${mapping.body.table} is being worked on`);
    return result;
  }

  /** Documents of releases that are new, of writes whose end is not known, and of writes that failed and are due again; with the release that changed each last. */
  private async toWrite(
    mapping: Mapping,
    { writtenSeq, head, due }: { writtenSeq: number; head: number; due: readonly DriftEventRow[] },
  ): Promise<Map<string, number>> {
    const changed = await this.released.changed(mapping.body, writtenSeq, head);
    for (const { documentId, seq } of (await this.journal.begun(mapping.id)).values())
      changed.set(documentId, changed.get(documentId) ?? seq);
    const again = due.flatMap(({ documentId }) => (documentId === null || changed.has(documentId) ? [] : [documentId]));
    for (const [documentId, seq] of await this.released.lastSeqs(mapping.body, again, head))
      changed.set(documentId, seq);
    await this.drifts.stopRetrying(
      due.flatMap(({ id, documentId }) => (documentId !== null && changed.has(documentId) ? [] : [id])),
    );
    return changed;
  }

  private async writeAll(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (let from = 0; from < documents.length; from += PORTION)
      outcomes.push(...(await this.writer.write(table, documents.slice(from, from + PORTION))));
    return outcomes;
  }

  /** Nothing is written and nothing is lost: write-back resumes as soon as the table fits again. */
  private async pause(
    mapping: Mapping,
    { why, state, head, report }: { why: string; state: AdoptedTableRow; head: number; report: Report },
  ): Promise<Receipt[]> {
    if (state.pausedBecause !== why) {
      await this.tables.update(mapping.id, { pausedBecause: why });
      this.logger.warn({ mapping: mapping.key, why }, 'adoption paused');
    }
    const releases = await this.released.releases(mapping.body.environment, state.writtenSeq, head);
    const receipts = releases.map((release) => receiptOf(mapping, release, { state: 'REJECTED', error: why }));
    await report(receipts);
    return receipts;
  }

  /**
   * Where a mapping stands, for its heartbeat: at the newest release that it said it applied, before the first one that is
   * not written as a whole. A position at a rejected release would say that it is applied after all.
   */
  async position(mapping: Mapping): Promise<{ seq: number; stateHash: string }> {
    const { environment } = mapping.body;
    const { writtenSeq } = await this.tables.follow(mapping.id, mapping.body, 'WRITE_BACK');
    const [first] = await this.drifts.openOfReleases(mapping.id);
    const limit = first?.seq == null ? writtenSeq : Math.min(writtenSeq, first.seq - 1);
    const seq = await this.released.lastApplied(environment, LEGACY_TABLE, mapping.key, limit);
    const [at] = seq > 0 ? await this.released.releases(environment, seq - 1, seq) : [];
    return { seq, stateHash: at?.stateHash ?? EMPTY_STATE };
  }
}

/** Stores receipts, or hands them to who does. */
export type Report = (receipts: readonly Receipt[]) => Promise<void>;

/** Some tables are written and others could not be reached. */
export class PartlyWritten extends Error {
  constructor(
    readonly receipts: readonly Receipt[],
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What is wrong with a mapping's tables, as it is shown beside them. */
export function pausedBecause(problems: readonly FieldProblem[]): string {
  return problems
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ')
    .slice(0, 1000);
}
