import { Inject, Injectable } from '@nestjs/common';
import { ALL_SITES, formatRef, type Json } from '@paddock/contracts';
import { SourceError, type SourceSession } from '@paddock/foreign-database';
import { Database } from '../../database/database.js';
import type { DocumentRow } from '../../documents/document.entity.js';
import { Documents, pinKey } from '../../documents/documents.js';
import { ProblemError } from '../../graphql/problems.js';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import { LOGGER, type Logger } from '../../process.js';
import type { Found } from '../../releases/gates/gate.js';
import type { NamedDocument } from '../../releases/plan.js';
import { type Observed, PlanObserver } from '../../releases/plan-observer.js';
import { ReleaseItemRow, ReleaseRow } from '../../releases/release.entity.js';
import { explainEffect, type SideEffect } from '../inspection/side-effects.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { type Cells, lostMarkup, unmapBody } from '../mapping/unmap-body.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole } from '../rows/scan.js';
import { Sources } from '../source/sources.js';
import { differingCells } from '../write-back/decide-write.js';
import { Reaches, unaccepted } from '../write-back/reach.js';
import { changedColumns } from '../write-back/row-plan.js';
import { UnescapedText } from '../write-back/unescaped-text.js';
import { MappingChecks, withinPatience } from './mapping-checks.js';
import { type Mapping, Mappings } from './mappings.js';
import { nameOfMapping, type SeenTables, seenTables } from './table-gates.js';
import { compileAt } from './table-reader.js';

/** Limit of releases whose observations are kept in memory. */
const MAX_SEEN = 200;

/** A document of a release, with the body that it would have. */
interface Change {
  document: DocumentRow;
  /** `null` where it is removed. */
  body: { [name: string]: Json } | null;
}

const NOTHING: SeenTables = { misfits: [], refused: [], accepted: [], writers: new Map() };

/** Sees what old tables would do with a release: mappings that do not fit them, and writes that reach other tables. */
@Injectable()
export class TableObserver extends PlanObserver<SeenTables> {
  private readonly seen = new Map<string, SeenTables>();

  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly mappings: Mappings,
    private readonly checks: MappingChecks,
    private readonly sources: Sources,
    private readonly rows: AdoptedRows,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  async look(releaseIds: readonly string[]): Promise<void> {
    for (const id of releaseIds) {
      this.seen.delete(id);
      try {
        this.seen.set(id, await withinPatience(this.find(id), NOTHING));
      } catch (error) {
        // An old database that cannot be read does not block a publish; the writer checks again.
        if (!(error instanceof SourceError || error instanceof ProblemError))
          this.logger.error({ err: error, release: id }, 'old tables could not be looked at for a plan');
      }
    }
    for (const id of this.seen.keys()) if (this.seen.size > MAX_SEEN) this.seen.delete(id);
  }

  observed(releaseId: string): Observed<SeenTables> {
    return seenTables.with(this.seen.get(releaseId) ?? NOTHING);
  }

  private async find(releaseId: string): Promise<SeenTables> {
    const release = await this.db.manager.findOneBy(ReleaseRow, { id: releaseId });
    if (!release || release.state === 'LANDED' || release.type !== 'FORWARD') return NOTHING;
    const changes = await this.changes(releaseId);
    const misfits = await this.ofMappings(changes);
    const refused: Found[] = [];
    const accepted: Found[] = [];
    const writers = new Map<string, Mapping>();
    for (const mapping of await this.mappings.live(release.environment)) {
      const own = mapping.body.mode === 'WRITE_BACK' ? changes.filter(({ document }) => isOf(mapping, document)) : [];
      for (const { document } of own) writers.set(document.id, mapping);
      if (own.length === 0) continue;
      const found = await this.ofRows(mapping, own);
      refused.push(...found.refused);
      accepted.push(...found.accepted);
    }
    return { misfits, refused, accepted, writers };
  }

  private async changes(releaseId: string): Promise<Change[]> {
    const pins = await this.db.manager.findBy(ReleaseItemRow, { releaseId });
    const documents = await this.documents.byIds(pins.map(({ documentId }) => documentId));
    const revisions = await this.documents.revisionsOf(
      pins.flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }])),
    );
    return pins.flatMap(({ documentId, revision }): Change[] => {
      const document = documents.get(documentId);
      const row = revision === null ? undefined : revisions.get(pinKey(documentId, revision));
      return document ? [{ document, body: row ? JSON.parse(row.body) : null }] : [];
    });
  }

  private async ofMappings(changes: readonly Change[]): Promise<Found[]> {
    const misfits: Found[] = [];
    for (const { document, body } of changes) {
      const parsed = document.kind === adoptionKind.name && body ? adoptionKind.parse(body) : undefined;
      if (!parsed?.ok) continue;
      const problems = await this.checks.problems(parsed.body);
      misfits.push(
        ...problems.map(({ path, message }) => ({
          message: `${formatRef(document)} ${path}: ${message}`,
          concerns: aboutOf(document),
          path,
        })),
      );
    }
    return misfits;
  }

  private async ofRows(mapping: Mapping, changes: readonly Change[]): Promise<Reaching> {
    const source = await this.sources.findOrThrow(mapping.body.source);
    return this.sources.use(source, { write: false }, async (session) => {
      const compiled = await compileAt(session, mapping.body);
      // A table that no longer fits pauses, and reports that itself.
      return compiled.ok ? this.effects(session, mapping, compiled.mapping, changes) : NOTHING;
    });
  }

  private async effects(
    session: SourceSession,
    source: Mapping,
    mapping: CompiledMapping,
    changes: readonly Change[],
  ): Promise<Reaching> {
    const { id, body } = source;
    const reaches = new Reaches(session);
    const unescaped = new UnescapedText(session, mapping);
    const known = new Map(
      (
        await this.rows.byDocuments(
          id,
          changes.map(({ document }) => document.id),
        )
      ).map((row) => [row.documentId, unpackCells(row.keyCells)]),
    );
    const present = new Map(
      (await readRows(session, mapping, [...known.values()])).map((row) => [
        rowHash(row.slice(0, mapping.keyLength)),
        row,
      ]),
    );
    const whole = await readWhole(session, mapping, [...known.values()]);
    const refused: Found[] = [];
    const accepted: Found[] = [];
    for (const change of changes) {
      const key = known.get(change.document.id) ?? [];
      const row = present.get(rowHash(key));
      const cells: Cells = change.body
        ? row
          ? differingCells(change.body, mapping, row)
          : unmapBody(change.body, mapping, undefined).cells
        : new Map();
      const on = writeOf(change, row, cells);
      if (!on) continue;
      const reach = await reaches.of(mapping.table, {
        on,
        row: whole.get(rowHash(key)),
        changed: changedColumns(cells.keys()),
      });
      const concerns = aboutOf(change.document, source);
      const prefix = `${formatRef(change.document)}: its row in ${mapping.table.name} reaches further:`;
      const beyond = unaccepted(reach, body.accepts);
      refused.push(
        ...[...beyond, ...(await unescaped.in(cells))].map(({ why, mend }) => ({
          message: `${prefix} ${why}; ${mend}`,
          concerns,
        })),
      );
      for (const { column, what } of row ? lostMarkup(mapping, row, cells) : [])
        accepted.push({
          message: `${formatRef(change.document)}: ${column} of ${mapping.table.name} loses ${what} when it is written; a rollback puts it back`,
          concerns,
        });
      const taken =
        beyond.length > 0 || reach.dependents.length === 0
          ? []
          : reach.effects.filter(({ effect }) => effect.cause === 'FOREIGN_KEY');
      accepted.push(
        ...taken.map(({ effect, rows }) => ({
          message: `${prefix} ${explainEffect(effect, rows)}; a rollback puts them back`,
          concerns,
        })),
      );
    }
    return { refused, accepted };
  }
}

type Reaching = Pick<SeenTables, 'refused' | 'accepted'>;

/** What becomes of the row; `undefined` where nothing is written. */
function writeOf({ body }: Change, row: Row | undefined, cells: Cells): SideEffect['on'] | undefined {
  if (!body) return row ? 'DELETE' : undefined;
  if (!row) return 'INSERT';
  return cells.size > 0 ? 'UPDATE' : undefined;
}

/** The document that a gate is about, and the mapping whose table it names: who may not read both does not see the message. */
function aboutOf(
  { id: documentId, kind, site, key }: DocumentRow,
  ...mappings: readonly Pick<Mapping, 'id' | 'key'>[]
): readonly NamedDocument[] {
  return [{ documentId, ref: { kind, site, key } }, ...mappings.map(nameOfMapping)];
}

function isOf({ body: { documents } }: Mapping, { kind, site, key }: DocumentRow): boolean {
  return kind === documents.kind && site === (documents.site ?? ALL_SITES) && key.startsWith(documents.keyPrefix);
}
