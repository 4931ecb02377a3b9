import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ALL_SITES, formatRef, type Json } from '#contracts';
import { SourceError, type SourceSession } from '#foreign-database';
import { Database } from '../../database/database.js';
import type { DocumentRow } from '../../documents/document.entity.js';
import { Documents, pinKey } from '../../documents/documents.js';
import { ProblemError } from '../../graphql/problems.js';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import { LOGGER, type Logger } from '../../process.js';
import type { NamedDocument, PlanGate, PlannedItem, PlanNote, PlanObserver } from '../../releases/plan.js';
import { Planner } from '../../releases/planner.js';
import { ReleaseItemRow, ReleaseRow } from '../../releases/release.entity.js';
import { explainEffect, sideEffectsOf } from '../inspection/side-effects.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows } from '../rows/scan.js';
import { Sources } from '../source/sources.js';
import { changedColumns, dependentsOfRemoval, dependentsOfUpdate } from '../write-back/dependent-rows.js';
import { differingCells } from '../write-back/decide-write.js';
import { MappingChecks, withinPatience } from './mapping-checks.js';
import { type Mapping, Mappings } from './mappings.js';
import { compileAt } from './table-reader.js';
import { unwrittenPaths } from '../mapping/unwritten-paths.js';

/** Releases of which is remembered what was seen for them. */
const MAX_SEEN = 200;

/** A document of a release, with the body that it would have. */
interface Change {
  document: DocumentRow;
  /** `null` where it is removed. */
  body: { [name: string]: Json } | null;
}

/** What was seen for a release. */
interface Seen {
  gates: PlanGate[];
  /** The mappings that write documents of the release, by document. */
  writers: ReadonlyMap<string, Mapping>;
}

const NOTHING: Seen = { gates: [], writers: new Map() };

/** Holds up releases that old tables could not take: mappings that do not fit, and writes that reach other tables. */
@Injectable()
export class TableObserver implements PlanObserver, OnModuleInit {
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly db: Database,
    private readonly planner: Planner,
    private readonly documents: Documents,
    private readonly mappings: Mappings,
    private readonly checks: MappingChecks,
    private readonly sources: Sources,
    private readonly rows: AdoptedRows,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.planner.addObserver(this);
  }

  async look(releaseIds: readonly string[]): Promise<void> {
    for (const id of releaseIds) {
      this.seen.delete(id);
      try {
        this.seen.set(id, await withinPatience(this.find(id), NOTHING));
      } catch (error) {
        // An old database that cannot be read holds up nobody; the writer has the last word.
        if (!(error instanceof SourceError || error instanceof ProblemError)) this.logger.error({ err: error, release: id }, 'old tables could not be looked at for a plan');
      }
    }
    for (const id of this.seen.keys()) if (this.seen.size > MAX_SEEN) this.seen.delete(id);
  }

  gates(items: readonly PlannedItem[], releaseId: string): PlanGate[] {
    const ids = new Set(items.map(({ documentId }) => documentId));
    return (this.seen.get(releaseId)?.gates ?? []).filter(({ documentId }) => documentId !== null && ids.has(documentId));
  }

  /** What of a change stays out of the old table, because no column is written for it. */
  notes(items: readonly PlannedItem[], releaseId: string): PlanNote[] {
    const writers = this.seen.get(releaseId)?.writers ?? new Map<string, Mapping>();
    return items.flatMap(({ documentId, ref, pinned, live }) => {
      const mapping = writers.get(documentId);
      if (!mapping || !pinned) return [];
      const concerns = [{ documentId, ref }, nameOf(mapping)];
      return unwrittenPaths(mapping.body, live?.body, pinned.body).map((path) => ({ documentId, path, concerns, message: `${formatRef(ref)} ${path}: no column of ${mapping.body.table} is written for it (adoption/*/${mapping.key}); the old table keeps what it has` }));
    });
  }

  private async find(releaseId: string): Promise<Seen> {
    const release = await this.db.manager.findOneBy(ReleaseRow, { id: releaseId });
    if (!release || release.state === 'LANDED' || release.type !== 'FORWARD') return NOTHING;
    const changes = await this.changes(releaseId);
    const gates = await this.ofMappings(changes);
    const writers = new Map<string, Mapping>();
    for (const mapping of await this.mappings.live(release.environment)) {
      const own = mapping.body.mode === 'WRITE_BACK' ? changes.filter(({ document }) => isOf(mapping, document)) : [];
      for (const { document } of own) writers.set(document.id, mapping);
      if (own.length > 0) gates.push(...(await this.ofRows(mapping, own)));
    }
    return { gates, writers };
  }

  private async changes(releaseId: string): Promise<Change[]> {
    const pins = await this.db.manager.findBy(ReleaseItemRow, { releaseId });
    const documents = await this.documents.byIds(pins.map(({ documentId }) => documentId));
    const revisions = await this.documents.revisionsOf(pins.flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }])));
    return pins.flatMap(({ documentId, revision }): Change[] => {
      const document = documents.get(documentId);
      const row = revision === null ? undefined : revisions.get(pinKey(documentId, revision));
      return document ? [{ document, body: row ? JSON.parse(row.body) : null }] : [];
    });
  }

  private async ofMappings(changes: readonly Change[]): Promise<PlanGate[]> {
    const gates: PlanGate[] = [];
    for (const { document, body } of changes) {
      const parsed = document.kind === adoptionKind.name && body ? adoptionKind.parse(body) : undefined;
      if (!parsed?.ok) continue;
      const problems = await this.checks.problems(parsed.body);
      const concerns = [named(document)];
      gates.push(...problems.map(({ path, message }): PlanGate => ({ code: 'INVALID_BODY', message: `${formatRef(document)} ${path}: ${message}`, documentId: document.id, path, concerns })));
    }
    return gates;
  }

  private async ofRows(mapping: Mapping, changes: readonly Change[]): Promise<PlanGate[]> {
    const source = await this.sources.mustFind(mapping.body.source);
    return this.sources.use(source, { write: false }, async (session) => {
      const compiled = await compileAt(session, mapping.body);
      // A table that fits no more pauses, and says so itself.
      return compiled.ok ? this.effects(session, mapping, compiled.mapping, changes) : [];
    });
  }

  private async effects(session: SourceSession, { id, key: name, body }: Mapping, mapping: CompiledMapping, changes: readonly Change[]): Promise<PlanGate[]> {
    const effects = await sideEffectsOf(session, mapping.table.name);
    if (effects.length === 0) return [];
    const known = new Map((await this.rows.byDocuments(id, changes.map(({ document }) => document.id))).map((row) => [row.documentId, unpackCells(row.keyCells)]));
    const present = new Map((await readRows(session, mapping, [...known.values()])).map((row) => [rowHash(row.slice(0, mapping.keyLength)), row]));
    const accepted = new Set(body.accepts);
    const gates: PlanGate[] = [];
    for (const change of changes) {
      const key = known.get(change.document.id) ?? [];
      const row = present.get(rowHash(key));
      const cells = change.body && row ? differingCells(change.body, mapping, row) : new Map<never, never>();
      const on = change.body === null ? (row ? 'DELETE' : undefined) : row ? (cells.size > 0 ? 'UPDATE' : undefined) : 'INSERT';
      const lost = on === 'DELETE' ? await dependentsOfRemoval(session, mapping, effects, [key]) : await dependentsOfUpdate(session, mapping, effects, on === 'UPDATE' ? [key] : [], changedColumns(cells.keys()));
      const triggers = effects.filter((effect) => effect.on === on && effect.effect === 'WRITES_ELSEWHERE' && !accepted.has(effect.name));
      const because = [...(lost.get(rowHash(key)) ?? []), ...triggers.map((effect) => explainEffect(effect))];
      const concerns = [named(change.document), nameOf({ id, key: name })];
      gates.push(...because.map((why): PlanGate => ({ code: 'SIDE_EFFECT', documentId: change.document.id, path: null, concerns, message: `${formatRef(change.document)}: its row in ${mapping.table.name} reaches further: ${why}; ${mend(on)} (adoption/*/${name})` })));
    }
    return gates;
  }
}

function named({ id: documentId, kind, site, key }: DocumentRow): NamedDocument {
  return { documentId, ref: { kind, site, key } };
}

/** A mapping as gates and notes name it: who may not read it must not see what they say. */
function nameOf({ id, key }: Pick<Mapping, 'id' | 'key'>): NamedDocument {
  return { documentId: id, ref: { kind: adoptionKind.name, site: ALL_SITES, key } };
}

function mend(on: string | undefined): string {
  return on === 'DELETE' ? 'remove what refers to it in the old database first, or name a trigger in accepts of the mapping' : 'name it in accepts of the mapping where that is meant';
}

function isOf({ body: { documents } }: Mapping, { kind, site, key }: DocumentRow): boolean {
  return kind === documents.kind && site === (documents.site ?? ALL_SITES) && key.startsWith(documents.keyPrefix);
}
