import { Injectable } from '@nestjs/common';
import type { KindName } from '@paddock/contracts';
import { Database, type Tx } from '../database/database.js';
import { pinKey, Documents } from '../documents/documents.js';
import { Listing } from '../documents/listing/listing.js';
import { DRAFT } from '../documents/listing/listing.entity.js';
import { Environments } from './environments.js';
import { EnvironmentRow } from './release.entity.js';

interface DraftColumns {
  documentId: string;
  kind: KindName;
  site: string;
  key: string;
  body: string;
  author: string;
  savedAt: Date;
}

interface ItemColumns {
  documentId: string;
  kind: KindName;
  site: string;
  key: string;
  revision: number | null;
  seq: string;
  author: string;
  landedAt: Date;
}

const AT_ONCE = 200;

/**
 * Rebuilds missing or outdated rows of the listing: after an upgrade from a version without a listing, and for writes
 * of older processes during a rolling upgrade. Otherwise it finds nothing to do.
 */
@Injectable()
export class ListingBackfill {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
    private readonly documents: Documents,
    private readonly listing: Listing,
  ) {}

  /** @returns how many drafts and live documents were listed */
  async run(): Promise<{ drafts: number; live: number }> {
    const drafts = await this.drafts();
    let live = 0;
    for (const { name } of await this.db.manager.find(EnvironmentRow)) live += await this.live(name);
    return { drafts, live };
  }

  private async drafts(): Promise<number> {
    let count = 0;
    for (;;) {
      const missing: { id: string }[] = await this.db.manager.query(
        `SELECT draft.document_id AS id FROM draft
         LEFT JOIN document_state s ON s.place = ? AND s.document_id = draft.document_id
         WHERE s.document_id IS NULL OR s.changed_at < draft.updated_at LIMIT ?`,
        [DRAFT, AT_ONCE],
      );
      if (missing.length === 0) return count;
      await this.db.tx((tx) =>
        this.listDrafts(
          tx,
          missing.map(({ id }) => id),
        ),
      );
      count += missing.length;
    }
  }

  private async listDrafts(tx: Tx, ids: readonly string[]): Promise<void> {
    const drafts: DraftColumns[] = await tx.query(
      `SELECT d.id AS documentId, d.kind, d.site, d.doc_key AS \`key\`, draft.body, draft.updated_by AS author, draft.updated_at AS savedAt
       FROM draft JOIN document d ON d.id = draft.document_id WHERE draft.document_id IN (?) ORDER BY draft.document_id FOR UPDATE`,
      [ids],
    );
    await this.listing.saved(tx, drafts);
  }

  private async live(environment: string): Promise<number> {
    let count = 0;
    for (let after = ''; ;) {
      const missing = await missingItems(this.db.manager, environment, after);
      const last = missing.at(-1);
      if (!last) return count;
      after = last.documentId;
      await this.db.tx((tx) =>
        this.listLive(
          tx,
          environment,
          missing.map(({ documentId }) => documentId),
        ),
      );
      count += missing.length;
    }
  }

  /** Reads the newest items again under the environment's lock, so that no concurrent landing is overwritten. */
  private async listLive(tx: Tx, environment: string, ids: readonly string[]): Promise<void> {
    await this.environments.lock(tx, environment);
    const items: ItemColumns[] = await tx.query(
      `SELECT STRAIGHT_JOIN d.id AS documentId, d.kind, d.site, d.doc_key AS \`key\`, IF(i.op = 'PUT', i.revision, NULL) AS revision, i.seq,
         COALESCE(r.landed_by, r.author_id) AS author, r.landed_at AS landedAt
       FROM (SELECT document_id, MAX(seq) AS seq FROM release_item
         WHERE environment = ? AND document_id IN (?) AND seq IS NOT NULL GROUP BY document_id) newest
       JOIN release_item i ON i.environment = ? AND i.document_id = newest.document_id AND i.seq = newest.seq
       JOIN \`release\` r ON r.id = i.release_id
       JOIN document d ON d.id = i.document_id`,
      [environment, ids, environment],
    );
    const pins = items.flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }]));
    const revisions = await this.documents.revisionsOf(pins, tx);
    for (const [seq, landed] of Map.groupBy(items, (item) => item.seq)) {
      const [first] = landed;
      if (!first) continue;
      const { author, landedAt } = first;
      await this.listing.landed(
        tx,
        { environment, seq: Number(seq), author, landedAt },
        landed.map(({ documentId, kind, site, key, revision }) => {
          const row = revision === null ? undefined : revisions.get(pinKey(documentId, revision));
          const pinned = row ? { sha256: row.sha256, body: JSON.parse(row.body) } : null;
          return { documentId, ref: { kind, site, key }, pinned };
        }),
      );
    }
  }
}

/** Documents whose newest release item is not the one that is listed. */
async function missingItems(manager: Tx, environment: string, after: string): Promise<{ documentId: string }[]> {
  return manager.query(
    `SELECT newest.document_id AS documentId FROM (
       SELECT document_id, MAX(seq) AS seq FROM release_item
       WHERE environment = ? AND document_id > ? AND seq IS NOT NULL GROUP BY document_id
     ) newest
     LEFT JOIN document_state s ON s.place = ? AND s.document_id = newest.document_id
     WHERE s.document_id IS NULL OR s.seq < newest.seq ORDER BY newest.document_id LIMIT ?`,
    [environment, after, environment, AT_ONCE],
  );
}
