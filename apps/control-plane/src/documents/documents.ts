import { Injectable } from '@nestjs/common';
import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import { ALL_SITES, type KindName } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { mayRead, type Place, readableEnvironments } from '../access/reading.js';
import { Database } from '../database/database.js';
import { DocumentRow, DraftRow, RevisionReferenceRow, RevisionRow } from './document.entity.js';

/** Limits of a read: only these sites, in this transaction. */
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

  /** The document, unless the actor may not read it; costs the same either way. */
  async readable(actor: Actor, id: string): Promise<DocumentRow | null> {
    const row = await this.byId(id);
    return row && mayRead(actor, row) ? row : null;
  }

  byRef(kind: KindName, site: string | undefined, key: string): Promise<DocumentRow | null> {
    return this.db.manager.findOneBy(DocumentRow, { kind, site: site ?? ALL_SITES, key });
  }

  async byIds(ids: readonly string[], manager: EntityManager = this.db.manager): Promise<Map<string, DocumentRow>> {
    const rows = ids.length === 0 ? [] : await manager.findBy(DocumentRow, { id: In([...ids]) });
    return new Map(rows.map((row) => [row.id, row]));
  }

  async drafts(ids: readonly string[]): Promise<Map<string, DraftRow>> {
    const rows = await this.db.manager.findBy(DraftRow, { documentId: In([...ids]) });
    return new Map(rows.map((row) => [row.documentId, row]));
  }

  revision(actor: Actor, document: Place & { id: string }, number: number): Promise<RevisionRow | null> {
    return this.revisions(actor, document).andWhere('revision.number = :number', { number }).getOne();
  }

  /**
   * A query for the revisions of a document, as `revision`, that the actor may read. A revision belongs to the environments
   * whose releases pin it; grants for some environments read those of them.
   */
  revisions(
    actor: Actor,
    document: Place & { id: string },
    manager: EntityManager = this.db.manager,
  ): SelectQueryBuilder<RevisionRow> {
    const query = manager
      .createQueryBuilder(RevisionRow, 'revision')
      .where('revision.documentId = :documentId', { documentId: document.id });
    const environments = readableEnvironments(actor, document);
    if (environments === undefined) return query;
    const pinned =
      'EXISTS (SELECT 1 FROM release_item pin WHERE pin.environment IN (:...environments) ' +
      'AND pin.document_id = revision.document_id AND pin.revision = revision.number)';
    return environments.length === 0 ? query.andWhere('1 = 0') : query.andWhere(pinned, { environments });
  }

  /** Titles of the releases that pin revisions, by {@link pinKey}: the title of the first release in some environments. */
  async messages(
    pins: readonly { documentId: string; revision: number }[],
    environments: readonly string[],
  ): Promise<Map<string, string>> {
    if (pins.length === 0 || environments.length === 0) return new Map();
    const rows: { documentId: string; revision: number; title: string }[] = await this.db.manager.query(
      `SELECT i.document_id AS documentId, i.revision, r.title FROM release_item i JOIN \`release\` r ON r.id = i.release_id
       WHERE i.environment IN (?) AND i.document_id IN (?) ORDER BY i.release_id DESC`,
      [environments, [...new Set(pins.map(({ documentId }) => documentId))]],
    );
    return new Map(rows.map(({ documentId, revision, title }) => [pinKey(documentId, revision), title]));
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
    return manager.findBy(
      DocumentRow,
      names.map(({ kind, key }) => ({ kind, key, ...(sites ? { site: In([...sites]) } : {}) })),
    );
  }

  /** Documents of the given sites that have, in some revision, one of these entries in the reference index. */
  async referring(targets: readonly string[], { sites, manager = this.db.manager }: Within = {}): Promise<string[]> {
    if (targets.length === 0) return [];
    const query = manager
      .createQueryBuilder(RevisionReferenceRow, 'reference')
      .select('DISTINCT reference.documentId', 'documentId')
      .where('reference.target IN (:...targets)', { targets: [...targets] });
    if (sites)
      query
        .innerJoin(DocumentRow, 'document', 'document.id = reference.documentId')
        .andWhere('document.site IN (:...sites)', { sites: [...sites] });
    const rows: { documentId: string }[] = await query.getRawMany();
    return rows.map((row) => row.documentId);
  }
}

export const pinKey = (documentId: string, revision: number): string => `${documentId}@${revision}`;
