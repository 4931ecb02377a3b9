import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type DocumentRef, formatRef } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Database, type Tx } from '../database/database.js';
import type { DocumentRow } from '../documents/document.entity.js';
import { Documents, pinKey } from '../documents/documents.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { History } from './history.js';
import { blockedBy } from './landing.js';
import { LiveState } from './live-state.js';
import { ReleaseItemRow, type ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';
import type { LandedItem } from './rollback-items.js';

/** The revision that an environment shall return to. */
export interface RevisionTarget {
  environment: string;
  documentId: string;
  toRevision: number;
}

/** The context of a rollback: the landed release, the current state of its documents, and revisions that were live before. */
@Injectable()
export class RollbackContext {
  constructor(
    private readonly db: Database,
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly documents: Documents,
    private readonly history: History,
    private readonly live: LiveState,
  ) {}

  /** @throws ProblemError when the release does not exist, the actor may not read it, or it has not landed */
  async landed(actor: Actor, id: string): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, id);
    if (release.state !== 'LANDED') {
      throw new ProblemError(
        new ValidationProblem([
          new FieldProblem('id', 'NOT_LANDED', `release ${id} has not landed, so there is nothing to roll back`),
        ]),
      );
    }
    return release;
  }

  async checkKeep(actor: Actor, release: ReleaseRow, keep: readonly string[] | undefined): Promise<void> {
    const readable = (await this.reads.items(actor, [release.id])).get(release.id)?.items ?? [];
    const items = new Set(readable.map((item) => item.documentId));
    const foreign = (keep ?? []).flatMap((id, index) =>
      items.has(id)
        ? []
        : [
            new FieldProblem(
              `keep[${index}]`,
              'NOT_IN_RELEASE',
              `${id.slice(0, 60)} is no document of release ${release.id}`,
            ),
          ],
    );
    if (foreign.length > 0) throw new ProblemError(new ValidationProblem(foreign));
  }

  async items(manager: EntityManager, release: ReleaseRow): Promise<LandedItem[]> {
    const items = await this.releases.items(manager, release.id);
    const ids = items.map((item) => item.documentId);
    const documents = await this.documents.byIds(ids, manager);
    const live = await this.live.of(manager, release.environment, ids);
    const later = await this.history.laterChanges(manager, release.environment, ids, release.seq ?? 0);
    const pins = items.flatMap(({ documentId, revision, previousRevision }) => [
      { documentId, revision },
      { documentId, revision: previousRevision },
    ]);
    const rows = await this.documents.revisionsOf(
      pins.flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }])),
      manager,
    );
    const sha256Of = (documentId: string, revision: number | null) =>
      revision === null ? undefined : rows.get(pinKey(documentId, revision))?.sha256;
    return items.flatMap(({ documentId, revision, previousRevision }) => {
      const ref = documents.get(documentId);
      if (!ref) return [];
      return [
        {
          ...{ documentId, ref, previousRevision },
          standsAsLanded: live.get(documentId)?.sha256 === sha256Of(documentId, revision),
          standsAsBefore: live.get(documentId)?.sha256 === sha256Of(documentId, previousRevision),
          later: later.filter((change) => change.documentId === documentId),
        },
      ];
    });
  }

  /** The document, if the revision was live in the environment before: only approved revisions return without a review. */
  async document(actor: Actor, { environment, documentId, toRevision }: RevisionTarget): Promise<DocumentRow> {
    const document = await this.documents.readable(actor, documentId);
    if (!document)
      throw new ProblemError(new NotFoundProblem(`documentId: there is no document ${documentId.slice(0, 60)}`));
    const was = await this.db.manager
      .createQueryBuilder(ReleaseItemRow, 'item')
      .where('item.environment = :environment AND item.documentId = :documentId', { environment, documentId })
      .andWhere('item.revision = :toRevision AND item.seq IS NOT NULL', { toRevision })
      .getExists();
    if (!was) {
      const message = `revision ${toRevision} of ${formatRef(document)} was never live in ${environment}; publish it by a release`;
      throw new ProblemError(new ValidationProblem([new FieldProblem('toRevision', 'NEVER_LIVE', message)]));
    }
    return document;
  }

  async assertDiffers(
    tx: Tx,
    { environment, documentId, toRevision }: RevisionTarget,
    ref: DocumentRef,
  ): Promise<void> {
    const live = (await this.live.of(tx, environment, [documentId])).get(documentId);
    const wanted = (await this.documents.revisionsOf([{ documentId, revision: toRevision }], tx)).values().next().value;
    if (!live || live.sha256 !== wanted?.sha256) return;
    const message =
      live.revision === toRevision
        ? `revision ${toRevision} of ${formatRef(ref)} is live in ${environment} already`
        : `revision ${live.revision} of ${formatRef(ref)} is live in ${environment}, with the content of revision ${toRevision}`;
    throw new ProblemError(
      blockedBy(
        [{ code: 'NOTHING_TO_ROLL_BACK', message, documentId, path: null, concerns: [{ documentId, ref }] }],
        environment,
      ),
    );
  }
}
