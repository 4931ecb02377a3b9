import { Inject, Injectable } from '@nestjs/common';
import { EMPTY_STATE, type Receipt } from '#contracts';
import { SourceError } from '#foreign-database';
import { FieldProblem } from '../../graphql/problems.js';
import { LOGGER, type Logger } from '../../process.js';
import { DriftEvents } from '../drift/drift-events.js';
import { Sources } from '../source/sources.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { compileAt } from '../tables/table-reader.js';
import { BUSY, TableLock } from '../tables/table-lock.js';
import { Baseline } from '../watch/baseline.js';
import { type LandedHeader, type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { RowWriter, type WriteOutcome, type WrittenTable } from './row-writer.js';

/** How receipts call what writes old tables; its instances are the mappings, by their keys. */
export const LEGACY_TABLE = 'legacy-table';

/** Documents whose rows are written between two looks at the database. */
const PORTION = 100;
const LOCK_SECONDS = 10;
const MAX_ERROR = 480;
/** Without it every row would look like one that somebody else added. */
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
    private readonly drifts: DriftEvents,
    private readonly journal: RowJournal,
    private readonly lock: TableLock,
    private readonly baseline: Baseline,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Brings every written table of an environment up to what landed.
   * @returns the seq that all of them have, with the receipts that are due
   * @throws SourceError after trying all of them, where one could not be reached
   */
  async bringUp(environment: string): Promise<{ seq: number; receipts: Receipt[] }> {
    const head = await this.released.headSeq(environment);
    const receipts: Receipt[] = [];
    let failed: unknown;
    for (const mapping of await this.mappings.live(environment)) {
      if (mapping.body.mode !== 'WRITE_BACK') continue;
      try {
        receipts.push(...(await this.table(mapping, head)));
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failed = error;
      }
    }
    // What the others have done is told even so.
    if (failed !== undefined) throw new PartlyWritten(receipts, failed);
    return { seq: head, receipts };
  }

  /** Writes some documents of a mapping once more: what settles drift in our favour. */
  async again(mapping: Mapping, documentIds: readonly string[]): Promise<WriteOutcome[]> {
    const head = await this.released.headSeq(mapping.body.environment);
    const source = await this.sources.mustFind(mapping.body.source);
    return this.sources.use(source, { write: true }, async (session) => {
      const compiled = await compileAt(session, mapping.body);
      if (!compiled.ok) throw new SourceError('UNEXPECTED', pausedBecause(compiled.problems));
      const documents = await this.released.live(mapping.body.environment, new Map(documentIds.map((id) => [id, head])), head);
      return this.writer.write({ mappingId: mapping.id, mapping: compiled.mapping, session }, documents);
    });
  }

  private async table(mapping: Mapping, head: number): Promise<Receipt[]> {
    const state = await this.tables.follow(mapping.id, mapping.body, 'WRITE_BACK');
    const begun = await this.journal.begun(mapping.id);
    if (state.writtenSeq >= head && begun.size === 0) return [];
    const source = await this.sources.mustFind(mapping.body.source);
    const result = await this.lock.hold(mapping.id, LOCK_SECONDS, () =>
      this.sources.use(source, { write: true }, async (session) => {
        const releases = await this.released.releases(mapping.body.environment, state.writtenSeq, head);
        const compiled = await compileAt(session, mapping.body);
        if (!compiled.ok) return this.pause(mapping, pausedBecause(compiled.problems), releases, state.pausedBecause);
        if (state.importedAt === null) return this.pause(mapping, NOT_IMPORTED, releases, state.pausedBecause);
        if (!this.baseline.isCurrent(state, compiled.mapping)) await this.baseline.takeAnew(mapping, compiled.mapping, session);
        if (state.pausedBecause !== null) await this.tables.update(mapping.id, { pausedBecause: null });
        const changed = await this.released.changed(mapping.body, state.writtenSeq, head);
        for (const { documentId, seq } of begun.values()) changed.set(documentId, changed.get(documentId) ?? seq);
        const outcomes = await this.writeAll({ mappingId: mapping.id, mapping: compiled.mapping, session }, await this.released.live(mapping.body.environment, changed, head));
        await this.tables.update(mapping.id, { writtenSeq: head });
        this.logger.info({ mapping: mapping.key, head, written: outcomes.filter(({ result: done }) => done === 'WRITTEN').length, drift: outcomes.filter(({ result: done }) => done === 'DRIFT').length }, 'rows written back');
        return receiptsOf(mapping, releases, outcomes);
      }),
    );
    if (result === BUSY) throw new SourceError('TOO_SLOW', `the table ${mapping.body.table} is being worked on`);
    return result;
  }

  private async writeAll(table: WrittenTable, documents: readonly ReleasedDocument[]): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (let from = 0; from < documents.length; from += PORTION) outcomes.push(...(await this.writer.write(table, documents.slice(from, from + PORTION))));
    return outcomes;
  }

  /** Nothing is written and nothing is lost: it goes on from here as soon as the table fits again. */
  private async pause(mapping: Mapping, why: string, releases: readonly LandedHeader[], before: string | null): Promise<Receipt[]> {
    if (before !== why) {
      await this.tables.update(mapping.id, { pausedBecause: why });
      this.logger.warn({ mapping: mapping.key, why }, 'adoption paused');
    }
    return releases.map((release) => receipt(mapping, release, 'REJECTED', why));
  }

  /** Where a mapping stands, for its heartbeat: before the first release that could not be written as a whole. */
  async position(mapping: Mapping): Promise<{ seq: number; stateHash: string }> {
    const { writtenSeq } = await this.tables.follow(mapping.id, mapping.body, 'WRITE_BACK');
    const [first] = await this.drifts.openOfReleases(mapping.id);
    const seq = first?.seq == null ? writtenSeq : Math.min(writtenSeq, first.seq - 1);
    const [at] = seq > 0 ? await this.released.releases(mapping.body.environment, seq - 1, seq) : [];
    return { seq, stateHash: at?.stateHash ?? EMPTY_STATE };
  }

  /** Says of releases that were rejected that they are written after all, once nothing of them is open any more. */
  async healedReceipts(mapping: Mapping): Promise<Receipt[]> {
    const { environment } = mapping.body;
    const { writtenSeq } = await this.tables.follow(mapping.id, mapping.body, 'WRITE_BACK');
    const healed: Receipt[] = [];
    for (const seq of await this.released.rejectedSeqs(environment, LEGACY_TABLE, mapping.key, writtenSeq)) {
      if ((await this.drifts.openOfReleases(mapping.id, seq)).length > 0) continue;
      healed.push(...(await this.released.releases(environment, seq - 1, seq)).map((release) => receipt(mapping, release, 'APPLIED')));
    }
    return healed;
  }
}

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
  return problems.map(({ path, message }) => `${path}: ${message}`).join('; ').slice(0, 1000);
}

function receiptsOf(mapping: Mapping, releases: readonly LandedHeader[], outcomes: readonly WriteOutcome[]): Receipt[] {
  const bySeq = Map.groupBy(outcomes, ({ document }) => document.seq);
  return releases.map((release) => {
    const ours = bySeq.get(release.seq) ?? [];
    const bad = ours.filter(({ result }) => result === 'DRIFT' || result === 'REFUSED');
    if (bad.length > 0) return receipt(mapping, release, 'REJECTED', `${bad.length} of ${ours.length} rows: ${bad.map(({ why }) => why).join('; ')}`);
    return receipt(mapping, release, ours.length > 0 ? 'APPLIED' : 'SKIPPED');
  });
}

function receipt({ key, body }: Mapping, { seq, landedAt, stateHash }: LandedHeader, state: Receipt['state'], error?: string): Receipt {
  const now = new Date();
  return {
    ...{ environment: body.environment, seq, consumer: LEGACY_TABLE, instance: key, state, appliedAt: now.toISOString() },
    ms: Math.max(0, now.getTime() - landedAt.getTime()),
    ...(error === undefined ? { stateHash } : { error: error.slice(0, MAX_ERROR) }),
  };
}
