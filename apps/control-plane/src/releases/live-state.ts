import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DocumentRef, KindName } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { positional, readableWhere } from '../access/reading.js';

/** The live revision of one document, now or at a seq. */
export interface LiveDocument {
  documentId: string;
  ref: DocumentRef;
  revision: number;
  sha256: string;
  /** The release that made it live. */
  seq: number;
  publishedAt: Date;
}

interface LiveRow {
  op: 'PUT' | 'REMOVE';
  documentId: string;
  kind: KindName;
  site: string;
  key: string;
  revision: number;
  sha256: string;
  seq: string;
  publishedAt: Date;
}

/**
 * The live state at a seq: a query, never a copy. The live revision of a document at S is its newest release item with
 * seq ≤ S; after a REMOVE item the document is not live. The cost depends on the size of the request, not of the
 * environment.
 */
@Injectable()
export class LiveState {
  /** The live revisions of some documents; absent ones are missing from the map. */
  async of(
    manager: EntityManager,
    environment: string,
    documentIds: readonly string[],
    seq = Number.MAX_SAFE_INTEGER,
  ): Promise<Map<string, LiveDocument>> {
    const found: LiveRow[] = [];
    for (let from = 0; from < documentIds.length; from += IDS_PER_QUERY) {
      const newest = 'environment = ? AND document_id IN (?) AND seq <= ? GROUP BY document_id';
      const ids = documentIds.slice(from, from + IDS_PER_QUERY);
      found.push(...(await manager.query(selectNewest(newest), [environment, ids, seq, environment])));
    }
    return new Map(found.filter(isLive).map((row) => [row.documentId, toLive(row)]));
  }

  /** Every revision that was ever live of some documents, in the order in which they landed. */
  async landed(
    manager: EntityManager,
    environment: string,
    documentIds: readonly string[],
  ): Promise<{ documentId: string; revision: number }[]> {
    if (documentIds.length === 0) return [];
    return manager.query(
      `SELECT document_id AS documentId, revision, MIN(seq) AS first FROM release_item
       WHERE environment = ? AND document_id IN (?) AND op = 'PUT' AND seq IS NOT NULL GROUP BY document_id, revision ORDER BY first`,
      [environment, documentIds],
    );
  }

  /** Everything live, in pages ordered by document id. */
  async *all(
    manager: EntityManager,
    environment: string,
    seq: number,
    pageSize = 1000,
  ): AsyncGenerator<LiveDocument[]> {
    const newest = 'environment = ? AND document_id > ? AND seq <= ? GROUP BY document_id ORDER BY document_id LIMIT ?';
    for (let after = ''; ;) {
      const rows: LiveRow[] = await manager.query(selectNewest(newest), [
        environment,
        after,
        seq,
        pageSize,
        environment,
      ]);
      if (rows.length === 0) return;
      yield rows.filter(isLive).map(toLive);
      after = rows.reduce((last, { documentId }) => (documentId > last ? documentId : last), after);
    }
  }

  /** One page of the state at a seq that `reader` may read, in the order of document ids; reads no further than the page. */
  async page(
    manager: EntityManager,
    environment: string,
    seq: number,
    filter: { kind?: KindName; site?: string; reader?: Actor },
    page: { limit: number; after: string | undefined },
  ): Promise<LiveDocument[]> {
    const { kind, site, reader } = filter;
    const places = { kind: 'd.kind', site: 'd.site', environment: 'i.environment' };
    const readable = positional(reader ? readableWhere(reader, places) : { sql: '1 = 1', parameters: {} });
    const conditions = [...(kind ? ['d.kind = ?'] : []), ...(site ? ['d.site = ?'] : []), readable.sql];
    const values = [...[kind, site].filter((value) => value !== undefined), ...readable.values];
    const rows: LiveRow[] = await manager.query(
      `${SELECT_LIVE}
       WHERE i.environment = ? AND i.op = 'PUT' AND d.id > ? ${conditions.map((condition) => `AND ${condition}`).join(' ')}
         AND i.seq = (
           SELECT MAX(newest.seq) FROM release_item newest
           WHERE newest.environment = i.environment AND newest.document_id = d.id AND newest.seq <= ?
         )
       ORDER BY d.id LIMIT ?`,
      [environment, page.after ?? '', ...values, seq, page.limit],
    );
    return rows.map(toLive);
  }
}

/** MariaDB makes longer lists into a join that reads everything (`in_predicate_conversion_threshold`). */
const IDS_PER_QUERY = 500;

/**
 * The newest item of each of some documents. The query starts from these documents, regardless of the optimizer's
 * estimate: from the releases it would read every item ever stored.
 */
const selectNewest = (newest: string) => `
  SELECT STRAIGHT_JOIN i.op, i.document_id AS documentId, d.kind, d.site, d.doc_key AS \`key\`, i.revision, r.sha256, i.seq,
    l.landed_at AS publishedAt
  FROM (SELECT document_id, MAX(seq) AS seq FROM release_item WHERE ${newest}) newest
  JOIN release_item i ON i.environment = ? AND i.document_id = newest.document_id AND i.seq = newest.seq
  JOIN \`release\` l ON l.id = i.release_id
  JOIN document d ON d.id = i.document_id
  LEFT JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision`;

function isLive({ op }: LiveRow): boolean {
  return op === 'PUT';
}

const SELECT_LIVE = `
  SELECT i.op, i.document_id AS documentId, d.kind, d.site, d.doc_key AS \`key\`, i.revision, r.sha256, i.seq, l.landed_at AS publishedAt
  FROM release_item i
  JOIN \`release\` l ON l.id = i.release_id
  JOIN document d ON d.id = i.document_id
  JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision`;

function toLive(row: LiveRow): LiveDocument {
  const { documentId, kind, site, key, revision, sha256, publishedAt } = row;
  return { documentId, ref: { kind, site, key }, revision, sha256, seq: Number(row.seq), publishedAt };
}
