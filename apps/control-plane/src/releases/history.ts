import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import type { WinningRelease } from '../documents/stale.problem.js';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { Environments } from './environments.js';
import type { ListArgs } from '../graphql/lists/list-args.js';
import type { Order } from '../graphql/lists/order.js';
import { byQuery, readList } from '../graphql/lists/read-list.js';
import { ReleaseRow } from './release.entity.js';
import { filteredReleases, RELEASE_ORDERING, type ReleaseFilter, type ReleaseOrderField } from './release-list.js';
import { ReleaseReads } from './release-reads.js';

interface WinnerRow {
  id: string;
  seq: string;
  title: string;
}

/** Reads of landed releases: lists, points in time, earlier and later releases of a document. */
@Injectable()
export class History {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
    private readonly access: Access,
    private readonly reads: ReleaseReads,
  ) {}

  /**
   * Releases that the actor may read, as a page of a list.
   * @throws ProblemError where the environment does not exist, or the actor may read nothing of it
   */
  async list<Node>(
    actor: Actor,
    filter: ReleaseFilter,
    args: ListArgs & { orderBy?: readonly Order<ReleaseOrderField>[] | null },
    toNode: (row: ReleaseRow) => Node,
    counted: boolean,
  ) {
    this.access.authorize(actor, 'release:read', { environment: filter.environment });
    return this.db.snapshot(async (manager) => {
      await this.environments.findOrThrow(manager, filter.environment);
      const query = filteredReleases(this.reads.releases(actor, manager), filter, actor);
      return readList(args, RELEASE_ORDERING, toNode, byQuery(query, counted));
    });
  }

  /** The newest seq that had landed at an instant; 0 before the first. */
  async seqAt(environment: string, at: Date): Promise<number> {
    const row = await this.db.manager
      .createQueryBuilder(ReleaseRow, 'r')
      .where('r.environment = :environment AND r.seq IS NOT NULL AND r.landedAt <= :at', { environment, at })
      .orderBy('r.seq', 'DESC')
      .limit(1)
      .getOne();
    return row?.seq ?? 0;
  }

  /** When the release with a seq landed; `undefined` for 0, before the first. */
  async landedAt(environment: string, seq: number): Promise<Date | undefined> {
    const row = await this.db.manager.findOneBy(ReleaseRow, { environment, seq });
    return row?.landedAt ?? undefined;
  }

  /** Releases that changed any of these documents since an instant, newest first. */
  async landedSince(
    manager: EntityManager,
    environment: string,
    documentIds: readonly string[],
    since: Date,
  ): Promise<WinningRelease[]> {
    if (documentIds.length === 0) return [];
    const rows: WinnerRow[] = await manager.query(
      `SELECT DISTINCT r.id, r.seq, r.title FROM release_item i JOIN \`release\` r ON r.id = i.release_id
       WHERE i.environment = ? AND i.document_id IN (?) AND i.seq IS NOT NULL AND r.landed_at >= ? ORDER BY r.seq DESC LIMIT 10`,
      [environment, documentIds, since],
    );
    return rows.map(({ id, seq, title }) => ({ id, seq: Number(seq), title }));
  }

  /** Later landed changes of documents that a release changed, oldest first. */
  async laterChanges(
    manager: EntityManager,
    environment: string,
    documentIds: readonly string[],
    seq: number,
  ): Promise<{ documentId: string; id: string; seq: number; title: string }[]> {
    if (documentIds.length === 0) return [];
    const rows: (WinnerRow & { documentId: string })[] = await manager.query(
      `SELECT i.document_id AS documentId, r.id, r.seq, r.title FROM release_item i JOIN \`release\` r ON r.id = i.release_id
       WHERE i.environment = ? AND i.document_id IN (?) AND i.seq > ? ORDER BY r.seq`,
      [environment, documentIds, seq],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }
}
