import { Injectable } from '@nestjs/common';
import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import { ALL } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { mayRead, readableWhere } from '../access/reading.js';
import { Database } from '../database/database.js';
import { Documents } from '../documents/documents.js';
import { NotFoundProblem, ProblemError } from '../graphql/problems.js';
import { ReleaseItemRow, ReleaseRow } from './release.entity.js';

/** The items of a release that an actor may read, and whether there are others. */
export interface ReadableItems {
  items: ReleaseItemRow[];
  hidden: boolean;
}

/**
 * Releases as an actor may read them: a release is visible to actors who may read one of its documents in its
 * environment, or everything in that environment. One statement each, so that an unreadable release costs the same time
 * as an unknown one.
 */
@Injectable()
export class ReleaseReads {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
  ) {}

  find(actor: Actor, id: string): Promise<ReleaseRow | null> {
    return this.releases(actor).andWhere('r.id = :id', { id }).getOne();
  }

  /** @throws ProblemError when the release does not exist or the actor may not read it */
  async findOrThrow(actor: Actor, id: string): Promise<ReleaseRow> {
    const row = await this.find(actor, id);
    if (!row) throw new ProblemError(noSuchRelease(id));
    return row;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, ReleaseRow>> {
    if (ids.length === 0) return new Map();
    const rows = await this.releases(actor)
      .andWhere('r.id IN (:...ids)', { ids: [...ids] })
      .getMany();
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** A query for releases, as `r`, that the actor may read. */
  releases(actor: Actor, manager: EntityManager = this.db.manager): SelectQueryBuilder<ReleaseRow> {
    const { sql, parameters } = this.readable(actor, 'r');
    return manager.createQueryBuilder(ReleaseRow, 'r').where(sql, parameters);
  }

  /** The condition under which the actor may read a row of `release` with an alias. */
  readable(actor: Actor, alias: string): { sql: string; parameters: Record<string, string | string[]> } {
    const anyItem = readableWhere(actor, {
      kind: 'document_of.kind',
      site: 'document_of.site',
      environment: `${alias}.environment`,
    });
    if (anyItem.sql === '1 = 1') return anyItem;
    const everything = environmentsReadWhole(actor);
    const conditions = [
      ...(everything.length > 0 ? [`${alias}.environment IN (:...everything)`] : []),
      `EXISTS (SELECT 1 FROM release_item item_of JOIN document document_of ON document_of.id = item_of.document_id
        WHERE item_of.release_id = ${alias}.id AND ${anyItem.sql})`,
    ];
    return { sql: `(${conditions.join(' OR ')})`, parameters: { everything, ...anyItem.parameters } };
  }

  /** By release id. */
  async items(actor: Actor, releaseIds: readonly string[]): Promise<Map<string, ReadableItems>> {
    const rows = await this.db.manager.find(ReleaseItemRow, {
      where: { releaseId: In([...releaseIds]) },
      order: { documentId: 'ASC' },
    });
    const documents = await this.documents.byIds([...new Set(rows.map(({ documentId }) => documentId))]);
    const readable = ({ documentId, environment }: ReleaseItemRow) => {
      const document = documents.get(documentId);
      return document !== undefined && mayRead(actor, { kind: document.kind, site: document.site, environment });
    };
    return new Map(
      releaseIds.map((id) => {
        const all = rows.filter(({ releaseId }) => releaseId === id);
        const items = all.filter(readable);
        return [id, { items, hidden: items.length < all.length }];
      }),
    );
  }
}

/** The same for a release that does not exist and for one that may not be read. */
export function noSuchRelease(id: string): NotFoundProblem {
  return new NotFoundProblem(`id: there is no release ${id.slice(0, 60)}`);
}

/** Environments where the actor may read every kind and site. */
function environmentsReadWhole(actor: Actor): string[] {
  return [
    ...new Set(
      actor.grants.filter(({ kind, site }) => kind === ALL && site === ALL).map(({ environment }) => environment),
    ),
  ];
}
