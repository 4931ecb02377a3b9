import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { ALL_SITES, type KindName } from '#contracts';
import { Database } from '../database/database.js';
import { DocumentRow, DraftRow, RevisionReferenceRow, RevisionRow } from './document.entity.js';

export interface DocumentFilter {
  kind?: KindName;
  /** A site's own documents; `*` for those of all sites. */
  site?: string;
  /** Words of the label or the beginning of the key. */
  search?: string;
  /** What the caller may see; `*` stands for all. */
  readable?: readonly { kind: string; site: string }[];
}

/** Where a read looks: on these sites only, in this transaction. */
export interface Within {
  sites?: readonly string[] | undefined;
  manager?: EntityManager;
}

/** Reads of documents, their drafts and revisions. */
@Injectable()
export class Documents {
  constructor(private readonly db: Database) {}

  byId(id: string): Promise<DocumentRow | null> {
    return this.db.manager.findOneBy(DocumentRow, { id });
  }

  byRef(kind: KindName, site: string | undefined, key: string): Promise<DocumentRow | null> {
    return this.db.manager.findOneBy(DocumentRow, { kind, site: site ?? ALL_SITES, key });
  }

  /** In the order in which they were created. */
  list(filter: DocumentFilter, page: { limit: number; after: string | undefined }): Promise<DocumentRow[]> {
    const query = this.db.manager.createQueryBuilder(DocumentRow, 'document').orderBy('document.id').limit(page.limit);
    if (filter.kind) query.andWhere('document.kind = :kind', { kind: filter.kind });
    if (filter.site) query.andWhere('document.site = :site', { site: filter.site });
    if (page.after) query.andWhere('document.id > :after', { after: page.after });
    if (filter.readable) query.andWhere(...withinScopes(filter.readable));
    if (filter.search) {
      const text = filter.search.replace(/[\\%_]/g, '\\$&');
      // Keys are ASCII, and the database fails where other characters are compared with them.
      const byKey = /^[\x20-\x7e]*$/.test(text) ? ' OR document.key LIKE :start' : '';
      query.andWhere(`(document.label LIKE :part${byKey})`, { part: `%${text}%`, start: `${text}%` });
    }
    return query.getMany();
  }

  async byIds(ids: readonly string[], manager: EntityManager = this.db.manager): Promise<Map<string, DocumentRow>> {
    const rows = ids.length === 0 ? [] : await manager.findBy(DocumentRow, { id: In([...ids]) });
    return new Map(rows.map((row) => [row.id, row]));
  }

  async drafts(ids: readonly string[]): Promise<Map<string, DraftRow>> {
    const rows = await this.db.manager.findBy(DraftRow, { documentId: In([...ids]) });
    return new Map(rows.map((row) => [row.documentId, row]));
  }

  /** Newest first; `before` is the number of the last one of the page before. */
  revisions(documentId: string, page: { limit: number; before: number | undefined }): Promise<RevisionRow[]> {
    const query = this.db.manager
      .createQueryBuilder(RevisionRow, 'revision')
      .where('revision.documentId = :documentId', { documentId })
      .orderBy('revision.number', 'DESC')
      .limit(page.limit);
    if (page.before !== undefined) query.andWhere('revision.number < :before', { before: page.before });
    return query.getMany();
  }

  revision(documentId: string, number: number): Promise<RevisionRow | null> {
    return this.db.manager.findOneBy(RevisionRow, { documentId, number });
  }

  /** Some revisions by document and number, with their bodies. */
  async revisionsOf(
    pins: readonly { documentId: string; revision: number }[],
    manager: EntityManager = this.db.manager,
  ): Promise<Map<string, RevisionRow>> {
    const rows: RevisionRow[] = [];
    for (let start = 0; start < pins.length; start += 500) {
      // Alternatives, not a list of rows: MariaDB finds only the former through the primary key.
      const some = pins.slice(start, start + 500).map(({ documentId, revision: number }) => ({ documentId, number }));
      rows.push(...(await manager.findBy(RevisionRow, some)));
    }
    return new Map(rows.map((row) => [pinKey(row.documentId, row.number), row]));
  }

  /** Which of these (kind, key) names exist as documents, on which of the given sites; on all of them when left out. */
  async named(
    names: readonly { kind: KindName; key: string }[],
    { sites, manager = this.db.manager }: Within = {},
  ): Promise<DocumentRow[]> {
    if (names.length === 0) return [];
    return manager.findBy(DocumentRow, names.map(({ kind, key }) => ({ kind, key, ...(sites ? { site: In([...sites]) } : {}) })));
  }

  /** Documents of the given sites that have, in some revision, one of these entries in the reference index. */
  async referring(targets: readonly string[], { sites, manager = this.db.manager }: Within = {}): Promise<string[]> {
    if (targets.length === 0) return [];
    const query = manager
      .createQueryBuilder(RevisionReferenceRow, 'reference')
      .select('DISTINCT reference.documentId', 'documentId')
      .where('reference.target IN (:...targets)', { targets: [...targets] });
    if (sites) query.innerJoin(DocumentRow, 'document', 'document.id = reference.documentId').andWhere('document.site IN (:...sites)', { sites: [...sites] });
    const rows: { documentId: string }[] = await query.getRawMany();
    return rows.map((row) => row.documentId);
  }
}

export const pinKey = (documentId: string, revision: number): string => `${documentId}@${revision}`;

/** As SQL, so that a page of what somebody may see is as full as any other. */
function withinScopes(scopes: readonly { kind: string; site: string }[]): [condition: string, parameters: Record<string, string>] {
  if (scopes.some((scope) => scope.kind === '*' && scope.site === '*')) return ['1 = 1', {}];
  const conditions = scopes.map((scope, index) => {
    const parts = [scope.kind === '*' ? '' : `document.kind = :kind${index}`, scope.site === '*' ? '' : `document.site = :site${index}`];
    return `(${parts.filter(Boolean).join(' AND ')})`;
  });
  const parameters = scopes.flatMap((scope, index) => [[`kind${index}`, scope.kind] as const, [`site${index}`, scope.site] as const]);
  return [conditions.length > 0 ? `(${conditions.join(' OR ')})` : '1 = 0', Object.fromEntries(parameters)];
}
