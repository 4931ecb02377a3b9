import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { formatRef } from '@paddock/contracts';
import { Access } from '../access/access.js';
import { ALL, EVERYWHERE } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { mayRead, readableWhere } from '../access/reading.js';
import { Documents } from '../documents/documents.js';
import { ReleaseReads } from '../releases/release-reads.js';
import { AuditEntryRow } from './audit.entity.js';

export interface AuditFilter {
  action?: string | null | undefined;
  actor?: string | null | undefined;
  targetType?: string | null | undefined;
  targetId?: string | null | undefined;
  /** Entries about a document, and about releases that pin or remove it. */
  document?: string | null | undefined;
  release?: string | null | undefined;
  /** Inclusive. */
  from?: Date | null | undefined;
  /** Exclusive. */
  to?: Date | null | undefined;
}

/** An entry as an actor may read it. */
export interface ReadableEntry {
  row: AuditEntryRow;
  details: Record<string, unknown>;
  /** Whether the entry is shown unchanged. */
  whole: boolean;
}

/**
 * The log as an actor may read it: all of it with the grant for `audit:read` everywhere; else the entries about
 * documents and releases that the actor may read. All other entries are hidden, as their documents and releases are.
 */
@Injectable()
export class AuditReads {
  constructor(
    private readonly access: Access,
    private readonly documents: Documents,
    private readonly releases: ReleaseReads,
  ) {}

  /** The entries, as `entry`, that the actor may read and the filter leaves. */
  query(actor: Actor, filter: AuditFilter, manager: EntityManager): SelectQueryBuilder<AuditEntryRow> {
    const query = manager.createQueryBuilder(AuditEntryRow, 'entry').where('1 = 1');
    narrow(query, filter);
    if (!this.readsEverything(actor)) this.readableOnly(query, actor, filter.document);
    return query;
  }

  /** Rows of such a query, reduced to what the actor may read. */
  async shown(actor: Actor, rows: readonly AuditEntryRow[]): Promise<ReadableEntry[]> {
    if (!this.readsEverything(actor)) return this.withoutHidden(actor, rows);
    return rows.map((row) => ({ row, details: JSON.parse(row.details), whole: true }));
  }

  private readsEverything(actor: Actor): boolean {
    return this.access.may(actor, 'audit:read', EVERYWHERE);
  }

  private readableOnly(query: SelectQueryBuilder<AuditEntryRow>, actor: Actor, about?: string | null): void {
    const document = readableWhere(actor, { kind: 'about_document.kind', site: 'about_document.site' });
    const release = this.releases.readable(actor, 'about_release');
    // A release may hold other documents that the actor reads: that it holds this one too is for readers of this one.
    if (about) {
      const wanted = readableWhere(actor, { kind: 'wanted.kind', site: 'wanted.site' });
      query.andWhere(
        `EXISTS (SELECT 1 FROM document wanted WHERE wanted.id = :document AND ${wanted.sql})`,
        wanted.parameters,
      );
    }
    query.andWhere(
      `((entry.targetType = 'document' AND EXISTS (SELECT 1 FROM document about_document
          WHERE about_document.id = entry.targetId AND ${document.sql}))
        OR (entry.targetType = 'release' AND EXISTS (SELECT 1 FROM \`release\` about_release
          WHERE about_release.id = entry.targetId AND ${release.sql})))`,
      { ...document.parameters, ...release.parameters },
    );
  }

  private async withoutHidden(actor: Actor, rows: readonly AuditEntryRow[]): Promise<ReadableEntry[]> {
    const targets = (type: string) =>
      rows.flatMap(({ targetType, targetId }) => (targetType === type && targetId ? [targetId] : []));
    const items = await this.releases.items(actor, [...new Set(targets('release'))]);
    const ofReleases = [...items.values()].flatMap((release) => release.items.map(({ documentId }) => documentId));
    const documents = await this.documents.byIds([...new Set([...targets('document'), ...ofReleases])]);
    const names = new Set([...documents.values()].filter((document) => mayRead(actor, document)).map(formatRef));
    return rows.map((row) => {
      const details: Record<string, unknown> = JSON.parse(row.details);
      if (row.targetType === 'release') return { row, details: ofRelease(details, names), whole: false };
      const document = documents.get(row.targetId ?? '');
      const everywhere =
        document !== undefined && mayRead(actor, { kind: document.kind, site: document.site, environment: ALL });
      return { row, details: everywhere ? details : withoutValues(details), whole: false };
    });
  }
}

/**
 * The changed fields without their values: an older draft may be live in, or pinned for, an environment that the actor
 * may not read.
 */
function withoutValues({ changes, ...details }: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(changes)) return details;
  return { ...details, changes: changes.map(({ path, op }: { path: unknown; op: unknown }) => ({ path, op })) };
}

/** Details of release entries that do not show what the release contains. */
const OF_ANY_RELEASE = [
  'environment',
  'title',
  'seq',
  'type',
  'reason',
  'at',
  'timeZone',
  'from',
  'planHash',
  'stateHash',
];
/** Details that name documents. */
const NAMES = ['documents', 'remove', 'leftOut'];

function ofRelease(details: Record<string, unknown>, readable: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]): [string, unknown][] => {
      if (OF_ANY_RELEASE.includes(name)) return [[name, value]];
      if (!NAMES.includes(name) || !Array.isArray(value)) return [];
      return [[name, value.filter((document) => readable.has(String(document)))]];
    }),
  );
}

function narrow(query: SelectQueryBuilder<AuditEntryRow>, filter: AuditFilter): void {
  for (const name of ['action', 'actor', 'targetType', 'targetId'] as const) {
    if (filter[name]) query.andWhere(`entry.${name} = :${name}`, { [name]: filter[name] });
  }
  if (filter.release)
    query.andWhere("entry.targetType = 'release' AND entry.targetId = :release", { release: filter.release });
  if (filter.document) {
    query.andWhere(
      `((entry.targetType = 'document' AND entry.targetId = :document)
        OR (entry.targetType = 'release' AND entry.targetId IN (SELECT with_it.release_id FROM release_item with_it WHERE with_it.document_id = :document)))`,
      { document: filter.document },
    );
  }
  if (filter.from) query.andWhere('entry.at >= :from', { from: filter.from });
  if (filter.to) query.andWhere('entry.at < :to', { to: filter.to });
}
