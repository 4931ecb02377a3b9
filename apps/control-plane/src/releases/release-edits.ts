import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { formatRef } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Database, type Tx } from '../database/database.js';
import { Documents } from '../documents/documents.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import type { Pin } from './planner.js';
import { ReleaseItemRow, ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { listMistakes, MAX_DOCUMENTS, Releases } from './releases.js';

export interface ReleaseEdit {
  id: string;
  /** `undefined`: it stays. */
  title: string | undefined;
  reason: string | undefined;
  /** Documents whose current drafts are pinned, even if an older revision is pinned. */
  documents: string[];
  /** Documents to remove from the environment. */
  remove: string[];
  /** Documents that are taken out of the release. */
  leaveOut: string[];
}

/** Edits and drops releases that have not landed. Landed releases never change. */
@Injectable()
export class ReleaseEdits {
  constructor(
    private readonly db: Database,
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly documents: Documents,
  ) {}

  async update(actor: Actor, edit: ReleaseEdit): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, edit.id);
    await this.releases.authorize(actor, 'release:create', release);
    const documents = await this.releases.named(actor, edit, [...listMistakes(edit), ...leaveOutMistakes(edit)]);
    this.releases.authorizeAll(actor, 'release:create', release.environment, [...documents.values()]);
    return this.db.tx(async (tx) => {
      const row = await this.releases.lock(tx, edit.id, ['DRAFT']);
      await this.itemsMustFit(tx, edit);
      const texts = { title: edit.title ?? row.title, reason: edit.reason ?? row.reason };
      await tx.update(ReleaseRow, row.id, texts);
      Object.assign(row, texts);
      const pins = await this.releases.pins(tx, actor, { ...edit, ...row, title: texts.title }, documents);
      await this.replaceItems(tx, row, pins, edit.leaveOut);
      const leftOut = [...(await this.documents.byIds(edit.leaveOut, tx)).values()];
      await this.releases.record(tx, actor, 'release.updated', row, {
        reason: row.reason,
        documents: edit.documents.flatMap((id) => documents.get(id) ?? []).map(formatRef),
        remove: edit.remove.flatMap((id) => documents.get(id) ?? []).map(formatRef),
        leftOut: leftOut.map(formatRef),
      });
      return row;
    });
  }

  /** The release as dropped: by this call, or by an earlier one. */
  async drop(actor: Actor, id: string, reason: string): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, id);
    // Dropping a scheduled release is a decision about the live state, as its schedule was.
    const isDraft = release.state === 'DRAFT';
    await this.releases.authorize(actor, isDraft ? 'release:create' : 'release:publish', release);
    return this.db.tx(async (tx) => {
      const row = await this.releases.lock(
        tx,
        id,
        isDraft ? ['DRAFT', 'DROPPED'] : ['SCHEDULED', 'PAUSED', 'DRAFT', 'DROPPED'],
      );
      if (row.state === 'DROPPED') return row;
      const { state: from, scheduledAt } = row;
      const dropped = { state: 'DROPPED', pausedBecause: null } as const;
      await tx.update(ReleaseRow, id, dropped);
      await this.releases.record(tx, actor, 'release.dropped', row, {
        from,
        reason,
        ...(scheduledAt ? { at: scheduledAt.toISOString() } : {}),
      });
      return Object.assign(row, dropped);
    });
  }

  /** @throws ProblemError for documents to leave out that are not in the release, and when too many or none would stay */
  private async itemsMustFit(tx: Tx, { id, documents, remove, leaveOut }: ReleaseEdit): Promise<void> {
    const present = new Set((await this.releases.items(tx, id)).map(({ documentId }) => documentId));
    const foreign = leaveOut.flatMap((documentId, index) =>
      present.has(documentId)
        ? []
        : [new FieldProblem(`leaveOut[${index}]`, 'NOT_IN_RELEASE', `${documentId} is no document of release ${id}`)],
    );
    for (const documentId of [...documents, ...remove]) present.add(documentId);
    for (const documentId of leaveOut) present.delete(documentId);
    const problems = [
      ...foreign,
      ...(present.size === 0
        ? [new FieldProblem('leaveOut', 'EMPTY', 'the release would be empty; call dropRelease to drop it')]
        : []),
      ...(present.size > MAX_DOCUMENTS
        ? [new FieldProblem('documents', 'TOO_MANY', `${present.size} documents; at most ${MAX_DOCUMENTS}`)]
        : []),
    ];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
  }

  private async replaceItems(
    tx: Tx,
    row: ReleaseRow,
    pins: readonly Pin[],
    leaveOut: readonly string[],
  ): Promise<void> {
    const gone = [...leaveOut, ...pins.map(({ documentId }) => documentId)];
    if (gone.length === 0) return;
    await tx.delete(ReleaseItemRow, { releaseId: row.id, seq: IsNull(), documentId: In(gone) });
    await this.releases.insertItems(tx, row, pins);
  }
}

/** Documents that are to be left out, and pinned or removed by the same call. */
function leaveOutMistakes({ documents, remove, leaveOut }: ReleaseEdit): FieldProblem[] {
  const kept = new Set([...documents, ...remove]);
  return leaveOut.flatMap((id, index) => [
    ...(kept.has(id)
      ? [new FieldProblem(`leaveOut[${index}]`, 'CONTRADICTION', `${id} is named in documents or remove as well`)]
      : []),
    ...(leaveOut.indexOf(id) < index
      ? [new FieldProblem(`leaveOut[${index}]`, 'DUPLICATE', `${id} is named twice`)]
      : []),
  ]);
}
