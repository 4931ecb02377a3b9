import { Injectable } from '@nestjs/common';
import { type AdoptionBody, ALL_SITES, type Json } from '@paddock/contracts';
import { Database } from '../../database/database.js';
import { Documents, pinKey } from '../../documents/documents.js';
import { LiveState } from '../../releases/live-state.js';

/** A document whose row may have to be written, and what is live of it. */
export interface ReleasedDocument {
  id: string;
  key: string;
  /** The release that changed it last. */
  seq: number;
  /** `null` where it was removed. */
  live: { revision: number; sha256: string; body: { [name: string]: Json } } | null;
}

/** A landed release, as far as a receipt needs it. */
export interface LandedHeader {
  seq: number;
  landedAt: Date;
  stateHash: string;
}

/** What releases did to the documents of a mapping: those of its kind and site whose keys begin as its keys do. */
@Injectable()
export class ReleasedDocuments {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly state: LiveState,
  ) {}

  async headSeq(environment: string): Promise<number> {
    const [row]: { seq: string }[] = await this.db.manager.query(
      'SELECT head_seq AS seq FROM environment WHERE name = ?',
      [environment],
    );
    return Number(row?.seq ?? 0);
  }

  /** Landed after `after` and up to `head`, oldest first: the newest of very many, and always those that are named. */
  async releases(
    environment: string,
    after: number,
    head: number,
    named: readonly number[] = [],
  ): Promise<LandedHeader[]> {
    const select = 'SELECT seq, landed_at AS landedAt, state_hash AS stateHash FROM `release` WHERE environment = ?';
    const rows: { seq: string; landedAt: Date; stateHash: string }[] = [
      ...(await this.db.manager.query(`${select} AND seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?`, [
        environment,
        after,
        head,
        MAX_RECEIPTS,
      ])),
      ...(named.length > 0 ? await this.db.manager.query(`${select} AND seq IN (?)`, [environment, named]) : []),
    ];
    const bySeq = new Map(
      rows.map(({ seq, landedAt, stateHash }) => [Number(seq), { seq: Number(seq), landedAt, stateHash }]),
    );
    return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  }

  /** The newest release up to `limit` that an instance reported as APPLIED or SKIPPED. */
  async lastApplied(environment: string, consumer: string, instance: string, limit: number): Promise<number> {
    const [row]: { seq: string }[] = await this.db.manager.query(
      "SELECT seq FROM receipt WHERE environment = ? AND consumer = ? AND instance = ? AND state <> 'REJECTED' AND seq <= ? ORDER BY seq DESC LIMIT 1",
      [environment, consumer, instance, limit],
    );
    return Number(row?.seq ?? 0);
  }

  /** Releases up to `head` that an instance rejected and has not applied since. */
  async rejectedSeqs(environment: string, consumer: string, instance: string, head: number): Promise<number[]> {
    const rows: { seq: string }[] = await this.db.manager.query(
      "SELECT seq FROM receipt WHERE environment = ? AND consumer = ? AND instance = ? AND state = 'REJECTED' AND seq <= ? ORDER BY seq DESC LIMIT ?",
      [environment, consumer, instance, head, MAX_RECEIPTS],
    );
    return rows.map(({ seq }) => Number(seq));
  }

  /** Ids of the documents that releases after `after` changed, with the newest seq of each. */
  async changed(body: AdoptionBody, after: number, head: number): Promise<Map<string, number>> {
    const rows = await this.newestSeqs(body, 'i.seq > ? AND i.seq <= ?', [after, head]);
    return new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
  }

  /** Those of some documents that the mapping writes, with the newest release up to `head` that changed each. */
  async lastSeqs(body: AdoptionBody, ids: readonly string[], head: number): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.newestSeqs(body, 'i.seq <= ? AND i.document_id IN (?)', [head, ids]);
    return new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
  }

  /** The documents of a mapping that some releases changed, by release. */
  async itemsOf(body: AdoptionBody, seqs: readonly number[]): Promise<Map<number, string[]>> {
    if (seqs.length === 0) return new Map();
    const rows: { id: string; seq: string }[] = await this.db.manager.query(
      `SELECT i.document_id AS id, i.seq ${OF_MAPPING} AND i.seq IN (?) ORDER BY i.seq, i.document_id`,
      [...mappingValues(body), seqs],
    );
    const bySeq = new Map<number, string[]>();
    for (const { id, seq } of rows) bySeq.set(Number(seq), [...(bySeq.get(Number(seq)) ?? []), id]);
    return bySeq;
  }

  private newestSeqs(
    body: AdoptionBody,
    condition: string,
    values: readonly unknown[],
  ): Promise<{ id: string; seq: string }[]> {
    return this.db.manager.query(
      `SELECT i.document_id AS id, MAX(i.seq) AS seq ${OF_MAPPING} AND ${condition} GROUP BY i.document_id ORDER BY i.document_id`,
      [...mappingValues(body), ...values],
    );
  }

  /** What is live of some documents. */
  async live(environment: string, seqs: ReadonlyMap<string, number>, head: number): Promise<ReleasedDocument[]> {
    const ids = [...seqs.keys()];
    const rows = await this.documents.byIds(ids);
    const live = await this.state.of(this.db.manager, environment, ids, head);
    const revisions = await this.documents.revisionsOf([...live.values()]);
    return ids.flatMap((id): ReleasedDocument[] => {
      const row = rows.get(id);
      const pin = live.get(id);
      const revision = pin && revisions.get(pinKey(id, pin.revision));
      if (!row) return [];
      return [
        {
          id,
          key: row.key,
          seq: seqs.get(id) ?? 0,
          live:
            pin && revision ? { revision: pin.revision, sha256: pin.sha256, body: JSON.parse(revision.body) } : null,
        },
      ];
    });
  }

  /** The bodies that rows meant when they were last seen, by document; only those that were ever released. */
  async seenBodies(
    seen: readonly { documentId: string; sha256: string }[],
  ): Promise<Map<string, { [name: string]: Json }>> {
    if (seen.length === 0) return new Map();
    const rows: { documentId: string; body: string }[] = await this.db.manager.query(
      'SELECT document_id AS documentId, body FROM revision WHERE document_id IN (?) AND (document_id, sha256) IN (?)',
      [seen.map(({ documentId }) => documentId), seen.map(({ documentId, sha256 }) => [documentId, sha256])],
    );
    return new Map(rows.map(({ documentId, body }) => [documentId, JSON.parse(body)]));
  }

  /** Bodies of revisions by document, for writes whose end is not known. */
  async bodies(
    pins: readonly { documentId: string; revision: number }[],
  ): Promise<Map<string, { [name: string]: Json }>> {
    const revisions = await this.documents.revisionsOf(pins);
    return new Map([...revisions.values()].map((revision) => [revision.documentId, JSON.parse(revision.body)]));
  }
}

/** Documents that a mapping writes: those of its kind and site whose keys begin as its keys do. */
const OF_MAPPING = `FROM release_item i JOIN document d ON d.id = i.document_id
  WHERE i.environment = ? AND d.kind = ? AND d.site = ? AND LEFT(d.doc_key, ?) = ?`;

function mappingValues({ environment, documents }: AdoptionBody): unknown[] {
  const { kind, site = ALL_SITES, keyPrefix } = documents;
  return [environment, kind, site, keyPrefix.length, keyPrefix];
}

/** Releases that get a receipt of their own in one go; an older one is spoken for by a later. */
const MAX_RECEIPTS = 200;
