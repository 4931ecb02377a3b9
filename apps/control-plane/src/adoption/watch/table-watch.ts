import { Inject, Injectable } from '@nestjs/common';
import { type AdoptionMode, parseJsonObject } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import type { Actor } from '../../access/actor.js';
import { SYSTEM } from '../../access/actor.js';
import { Database } from '../../database/database.js';
import type { ConfigKind } from '../../documents/config-kind.js';
import { Documents } from '../../documents/documents.js';
import { KindRegistry } from '../../documents/kind-registry.js';
import { LOGGER, type Logger } from '../../process.js';
import type { AdoptedRowRow } from '../adoption.entity.js';
import { type Drift, DriftEvents } from '../drift/drift-events.js';
import { type Imported, Importer } from '../import/importer.js';
import { inSlices } from '../import/candidate-pages.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { Sources } from '../source/sources.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import type { Mapping } from '../tables/mappings.js';
import { compileAt } from '../tables/table-reader.js';
import { TableLock } from '../tables/table-lock.js';
import { NOT_IMPORTED, pausedBecause } from '../write-back/write-back.js';
import { WrittenRows } from '../write-back/written-rows.js';
import { Baseline } from './baseline.js';
import { MirrorReleases } from './mirror-releases.js';
import { type Difference, scanDiff } from './scan-diff.js';

/** One look at a table. */
interface Look {
  mapping: Mapping;
  compiled: CompiledMapping;
  kind: ConfigKind;
  session: SourceSession;
  actor: Actor;
  /** The table was never read before: its rows are no changes. */
  first: boolean;
}

/**
 * Looks at an adopted table and does what its mode says: counts changes, mirrors them into drafts, or lists them as
 * drift. Changes are found by row hashes alone; no column of the table has to tell of them.
 */
@Injectable()
export class TableWatch {
  /** Hashes of changed rows that were counted already, by mapping and key; only of tables that are observed. */
  private readonly noted = new Map<string, Map<string, string>>();

  constructor(
    private readonly db: Database,
    private readonly kinds: KindRegistry,
    private readonly sources: Sources,
    private readonly rows: AdoptedRows,
    private readonly importer: Importer,
    private readonly drifts: DriftEvents,
    private readonly tables: AdoptedTables,
    private readonly written: WrittenRows,
    private readonly releases: MirrorReleases,
    private readonly lock: TableLock,
    private readonly baseline: Baseline,
    private readonly documents: Documents,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws SourceError when the source is unreachable; nothing is lost */
  async look(mapping: Mapping): Promise<void> {
    const { mode, source: key } = mapping.body;
    const state = await this.tables.follow(mapping.id, mapping.body, mode);
    if (mode === 'RETIRED') return;
    const source = await this.sources.findOrThrow(key);
    // If another process writes the table at this moment, the next scan finds it settled.
    await this.lock.hold(mapping.id, 0, () =>
      this.sources.use(source, { write: false }, async (session) => {
        const compiled = await compileAt(session, mapping.body);
        const why = compiled.ok ? null : pausedBecause(compiled.problems);
        if (why !== state.pausedBecause && state.pausedBecause !== NOT_IMPORTED) {
          await this.tables.update(mapping.id, { pausedBecause: why });
          this.logger.warn({ mapping: mapping.key, why }, why === null ? 'adoption resumed' : 'adoption paused');
        }
        if (!compiled.ok) return;
        if (mode === 'WRITE_BACK' && state.importedAt === null)
          return this.tables.update(mapping.id, { pausedBecause: NOT_IMPORTED });
        if (mode === 'WRITE_BACK' && !this.baseline.isCurrent(state, compiled.mapping))
          await this.baseline.takeAnew(mapping, compiled.mapping, session);
        const actor = { ...SYSTEM, name: `mirror ${mapping.key}` };
        await this.compare({
          mapping,
          compiled: compiled.mapping,
          kind: this.kinds.get(mapping.body.documents.kind),
          session,
          actor,
          first: state.importedAt === null && state.scannedAt === null,
        });
      }),
    );
  }

  private async compare(look: Look): Promise<void> {
    const { mapping, compiled, session } = look;
    let rows = 0;
    let gathering = false;
    const open = new Set((await this.drifts.open(mapping.id)).map(({ keyHash }) => keyHash));
    for await (const difference of scanDiff(session, compiled, mapping.id, this.rows)) {
      rows += difference.unchanged.length + difference.changed.length;
      await this.agreeAgain(
        look,
        difference.unchanged.filter((keyHash) => open.has(keyHash)),
      );
      if (difference.changed.length + difference.gone.length === 0) continue;
      gathering ||= compiled.gatherAt !== undefined && mapping.body.mode === 'MIRROR';
      await this.act(mapping.body.mode, look, difference);
    }
    if (gathering) await this.gatherAnew(look);
    if (mapping.body.mode === 'MIRROR') await this.releases.settle(look.actor, mapping);
    await this.baseline.set(mapping.id, compiled);
    const imported = mapping.body.mode === 'MIRROR' ? { importedAt: new Date() } : {};
    await this.tables.update(mapping.id, { scannedAt: new Date(), scannedRows: rows, ...imported });
  }

  private act(mode: AdoptionMode, look: Look, difference: Difference): Promise<void> {
    switch (mode) {
      case 'MIRROR':
        return this.mirror(look, difference);
      case 'WRITE_BACK':
        return this.findDrift(look, difference);
      default:
        return this.note(look, difference);
    }
  }

  /** The old table is the master: what changed there becomes drafts, unless an editor was here in between. */
  private async mirror(look: Look, { changed, gone }: Difference): Promise<void> {
    const { mapping, compiled, kind, actor, first } = look;
    const awaitRelease = mapping.body.mirror?.policy === 'RELEASES';
    let mirrored = changed.length;
    if (!compiled.gatherAt) {
      const found = await inSlices(
        changed.map(({ row }) => row),
        compiled,
        kind,
      );
      const imported = await this.importer.import(actor, mapping.id, kind, found, { awaitRelease });
      // Those are met again at every look until they are settled.
      mirrored = imported.filter(({ state }) => state !== 'CONFLICT').length;
      await this.listConflicts(look, imported);
    }
    await this.db.tx(async (tx) => {
      // A removal waits for a release in any case: there is no draft of nothing.
      await this.rows.store(
        tx,
        gone.map((row) => ({ ...row, state: 'GONE', awaitsRelease: row.documentId !== null })),
      );
      await this.tables.count(tx, mapping.id, { foreignChanges: first ? 0 : mirrored + gone.length });
    });
  }

  private async gatherAnew(look: Look): Promise<void> {
    const { mapping, compiled, kind, session, actor } = look;
    const awaitRelease = mapping.body.mirror?.policy === 'RELEASES';
    await this.importer.importAll({ actor, mappingId: mapping.id, kind, awaitRelease }, session, compiled, (imported) =>
      this.listConflicts(look, imported),
    );
  }

  /** Drafts that an editor changed while their rows changed too: both sides are listed, and neither is touched. */
  private async listConflicts({ mapping, compiled }: Look, imported: readonly Imported[]): Promise<void> {
    const conflicts = imported.filter(({ state }) => state === 'CONFLICT');
    const open = new Set(
      (await this.drifts.open(mapping.id)).flatMap(({ kind, documentId }) =>
        kind === 'DRAFT_EDITED' && documentId !== null ? [documentId] : [],
      ),
    );
    const again = imported.flatMap(({ state, documentId }) =>
      state !== 'CONFLICT' && documentId !== undefined && open.has(documentId) ? [documentId] : [],
    );
    await this.db.tx((tx) => this.drifts.mirrored(tx, mapping.id, again));
    if (conflicts.length === 0) return;
    const drafts = await this.documents.drafts(conflicts.flatMap(({ documentId }) => documentId ?? []));
    const listed = conflicts.flatMap(({ candidate, documentId }): Drift[] => {
      const [row] = candidate.rows;
      const draft = documentId === undefined ? undefined : drafts.get(documentId);
      if (!row || !draft) return [];
      const ours = unmapBody(parseJsonObject(draft.body), compiled, row.cells).cells;
      return [
        {
          key: row.cells.slice(0, compiled.keyLength),
          documentId: draft.documentId,
          kind: 'DRAFT_EDITED',
          seq: null,
          present: row.cells,
          ours,
        },
      ];
    });
    await this.db.tx((tx) => this.drifts.record(tx, mapping.id, compiled, listed));
  }

  /** Paddock is the master: what others changed is listed. */
  private async findDrift({ mapping, compiled }: Look, difference: Difference): Promise<void> {
    const { drifts, agreed } = await this.written.judge(mapping, compiled, difference);
    const known = new Set(
      (await this.drifts.open(mapping.id)).map(({ keyHash, theirHash }) => `${keyHash} ${theirHash}`),
    );
    const fresh = drifts.filter(({ key, present }) => !known.has(`${rowHash(key)} ${present ? rowHash(present) : ''}`));
    await this.db.tx(async (tx) => {
      await this.rows.store(tx, agreed);
      await this.drifts.vanished(tx, mapping.id, { keyHashes: agreed.map(({ keyHash }) => keyHash) });
      await this.drifts.record(tx, mapping.id, compiled, fresh);
      await this.tables.count(tx, mapping.id, { foreignChanges: fresh.length });
    });
  }

  /**
   * Nothing is done but to count: who still writes the table, and how much. What was imported is still compared with what
   * it was then, so that a mirror that starts later finds all of it.
   */
  private async note({ mapping, compiled }: Look, { changed, gone }: Difference): Promise<void> {
    const noted = this.noted.get(mapping.id) ?? new Map<string, string>();
    this.noted.set(mapping.id, noted);
    const isNews = (keyHash: string, hash: string) =>
      noted.get(keyHash) !== hash && noted.set(keyHash, hash) !== undefined;
    const keyHashOf = (row: Row) => rowHash(row.slice(0, compiled.keyLength));
    const news = [
      ...changed.filter(({ row, known }) => known !== undefined && isNews(keyHashOf(row), rowHash(row))),
      ...gone.filter(({ keyHash }) => isNews(keyHash, '')),
    ];
    const never = changed.filter(({ known }) => !known?.documentId);
    await this.db.tx(async (tx) => {
      await this.rows.store(tx, [
        ...never.map(({ row }): AdoptedRowRow => {
          const key = row.slice(0, compiled.keyLength);
          return {
            mappingId: mapping.id,
            keyHash: rowHash(key),
            keyCells: packCells(key),
            rowHash: rowHash(row),
            documentId: null,
            bodySha256: null,
            state: 'PRESENT',
            awaitsRelease: false,
            problems: null,
          };
        }),
        ...gone.filter(({ documentId }) => documentId === null).map((row) => ({ ...row, state: 'GONE' as const })),
      ]);
      await this.tables.count(tx, mapping.id, { foreignChanges: news.length });
    });
  }

  /** Rows that are as they were last seen. That alone settles nothing: they may have been seen while they said something else. */
  private async agreeAgain({ mapping, compiled, session }: Look, keyHashes: readonly string[]): Promise<void> {
    if (keyHashes.length === 0) return;
    const events = (await this.drifts.open(mapping.id)).filter(
      ({ keyHash, kind }) => keyHashes.includes(keyHash) && kind !== 'DRAFT_EDITED',
    );
    const compared = await this.written.compare(mapping, compiled, session, events);
    const keysOf = (found: typeof compared) => found.map(({ event }) => event.keyHash);
    await this.db.tx(async (tx) => {
      await this.drifts.vanished(tx, mapping.id, { keyHashes: keysOf(compared.filter(({ equal }) => equal)) });
      // Others have changed them back: what waited for that may be written now.
      await this.drifts.retryNow(
        tx,
        mapping.id,
        keysOf(compared.filter(({ equal, event, hash }) => !equal && hash !== event.theirHash)),
      );
    });
  }
}
