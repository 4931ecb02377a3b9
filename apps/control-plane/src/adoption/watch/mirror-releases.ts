import { Injectable } from '@nestjs/common';
import type { Actor } from '../../access/actor.js';
import { Database } from '../../database/database.js';
import { Documents } from '../../documents/documents.js';
import { Revisions } from '../../documents/revisions.js';
import { BlockedProblem, ProblemError } from '../../graphql/problems.js';
import { Landing } from '../../releases/landing.js';
import { LiveState } from '../../releases/live-state.js';
import { type Pin, Planner } from '../../releases/planner.js';
import { Releases } from '../../releases/releases.js';
import { GatheredDocuments } from '../rows/gathered-documents.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import type { Mapping } from '../tables/mappings.js';

/** Documents that land in one release. */
const MAX_DOCUMENTS = 1_000;

interface Awaiting {
  documentId: string;
  state: 'PRESENT' | 'GONE' | 'UNFIT';
}

/** Lands mirrored changes, where the mapping says so; otherwise prepares removals as a release for a person to publish. */
@Injectable()
export class MirrorReleases {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly revisions: Revisions,
    private readonly releases: Releases,
    private readonly planner: Planner,
    private readonly landing: Landing,
    private readonly live: LiveState,
    private readonly tables: AdoptedTables,
    private readonly gathered: GatheredDocuments,
  ) {}

  async settle(actor: Actor, mapping: Mapping): Promise<void> {
    const waiting: Awaiting[] = await this.db.manager.query(
      `SELECT document_id AS documentId, MIN(state) AS state FROM adopted_row
       WHERE mapping_id = ? AND awaits_release = 1 AND document_id IS NOT NULL GROUP BY document_id ORDER BY document_id LIMIT ?`,
      [mapping.id, MAX_DOCUMENTS],
    );
    const leftBehind = await this.gathered.leftBehind(mapping.id);
    if (waiting.length + leftBehind.length === 0) return;
    const { environment, mirror } = mapping.body;
    const there = await this.live.of(this.db.manager, environment, [
      ...waiting.map(({ documentId }) => documentId),
      ...leftBehind,
    ]);
    const withoutRows = await this.withoutRows(
      mapping.id,
      waiting.filter(({ state }) => state === 'GONE').map(({ documentId }) => documentId),
    );
    const removed = [...withoutRows, ...leftBehind];
    const remove = removed.filter((id) => there.has(id));
    const put = waiting.map(({ documentId }) => documentId).filter((id) => !removed.includes(id));
    try {
      if (mirror?.policy === 'RELEASES') await this.land(actor, mapping, put, remove);
      else if (remove.length > 0)
        await this.releases.create(actor, {
          environment,
          title: `${mapping.body.name}: ${remove.length} rows are gone`.slice(0, 300),
          documents: [],
          remove,
        });
      await this.tables.update(mapping.id, { problem: null });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      // Rows that changed and changed back: what they say is live already.
      if (!changesNothing(error)) return this.notLanded(mapping, error);
      await this.tables.update(mapping.id, { problem: null });
    }
    await this.gathered.dealtWith(mapping.id, leftBehind);
    if (waiting.length > 0)
      await this.db.manager.query(
        'UPDATE adopted_row SET awaits_release = 0 WHERE mapping_id = ? AND document_id IN (?)',
        [mapping.id, waiting.map(({ documentId }) => documentId)],
      );
  }

  /** The change stays marked: the next scan tries again with the state at that time. */
  private async notLanded(mapping: Mapping, { problem }: ProblemError): Promise<void> {
    const message = `mirrored changes may not land: ${problem.message}`.slice(0, 1000);
    await this.tables.update(mapping.id, { problem: message });
  }

  /** Documents whose rows are all deleted: one deleted row does not remove a layout. */
  private async withoutRows(mappingId: string, documentIds: readonly string[]): Promise<string[]> {
    if (documentIds.length === 0) return [];
    const rows: { documentId: string }[] = await this.db.manager.query(
      "SELECT DISTINCT document_id AS documentId FROM adopted_row WHERE mapping_id = ? AND document_id IN (?) AND state <> 'GONE'",
      [mappingId, documentIds],
    );
    const kept = new Set(rows.map(({ documentId }) => documentId));
    return documentIds.filter((id) => !kept.has(id));
  }

  /** In one transaction: a release that may not land leaves nothing behind. */
  private async land(
    actor: Actor,
    { key, body }: Mapping,
    put: readonly string[],
    remove: readonly string[],
  ): Promise<void> {
    if (put.length + remove.length === 0) return;
    const { environment, name } = body;
    const title = `${name}: ${put.length + remove.length} mirrored changes`.slice(0, 300);
    await this.landing.land({
      ...{ actor, environment, action: 'release.mirrored', reason: `mirror of adoption/*/${key}` },
      prepare: async (tx, { now }) => {
        const rows = await this.documents.byIds(put, tx);
        const numbers = await this.revisions.freeze(tx, actor, [...rows.values()], title);
        const pins = [
          ...put.map((documentId): Pin => ({ documentId, op: 'PUT', revision: numbers.get(documentId) ?? null })),
          ...remove.map((documentId): Pin => ({ documentId, op: 'REMOVE', revision: null })),
        ];
        const release = await this.releases.insert(tx, actor, {
          environment,
          title,
          pins,
          type: 'FORWARD',
          reason: `mirrored from ${body.table} of ${body.source}`,
          revertsId: null,
        });
        return this.planner.ready(tx, release, now);
      },
    });
  }
}

function changesNothing({ problem }: ProblemError): boolean {
  return problem instanceof BlockedProblem && problem.gates.every(({ code }) => code === 'EMPTY_RELEASE');
}
