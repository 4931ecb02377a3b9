import { Injectable } from '@nestjs/common';
import { ALL_SITES, type DocumentRef, type KindName } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { positional, readableWhere } from '../access/reading.js';
import { Database } from '../database/database.js';
import { TERMS } from './listing/content-facts.js';
import { DRAFT } from './listing/listing.entity.js';
import { namedTarget, tagTarget } from './revisions.js';

/** A document that uses another one: in its draft, in its live body, or in both. */
export interface DocumentUser {
  documentId: string;
  inDraft: boolean;
  /** Where its live body uses the other document, among environments that the reader may read. */
  environments: string[];
}

interface UserRow {
  used: string;
  documentId: string;
  place: string;
}

/** Documents that are shown as users of one document. */
export const MAX_USERS = 100;
/** A user has a row for its draft and for each environment; so many rows are read of one document. */
const MAX_ROWS = 5 * MAX_USERS;

/** Finds which documents use others: by key, or promos by one of their tags. */
@Injectable()
export class DocumentUses {
  constructor(private readonly db: Database) {}

  /** By the id of the used document; two statements, however many documents are asked about. */
  async of(reader: Actor, used: readonly (DocumentRef & { id: string })[]): Promise<Map<string, DocumentUser[]>> {
    if (used.length === 0) return new Map();
    const tags = await this.tagsOf(used.map(({ id }) => id));
    const parts = used.map((document) => usersSql(reader, document, tags.get(document.id) ?? []));
    const rows: UserRow[] = await this.db.manager.query(
      parts.map(({ sql }) => `(${sql})`).join(' UNION ALL '),
      parts.flatMap(({ values }) => values),
    );
    const byUsed = Map.groupBy(rows, (row) => row.used);
    return new Map(used.map(({ id }) => [id, usersOf(byUsed.get(id) ?? [])]));
  }

  /** The tags that documents have, in their drafts or live somewhere. */
  private async tagsOf(ids: readonly string[]): Promise<Map<string, string[]>> {
    const prefix = TERMS.tag('');
    const rows: { documentId: string; term: string }[] = await this.db.manager.query(
      `SELECT DISTINCT t.document_id AS documentId, t.term FROM document_term t
       JOIN document_state s ON s.document_id = t.document_id AND s.sha256 = t.sha256
       WHERE t.document_id IN (?) AND t.term LIKE ?`,
      [ids, `${prefix}%`],
    );
    const byDocument = Map.groupBy(rows, (row) => row.documentId);
    return new Map([...byDocument].map(([id, found]) => [id, found.map(({ term }) => term.slice(prefix.length))]));
  }
}

/** A reference means the document of the same site; if the site has no such document, the one for all sites. */
function usersSql(
  reader: Actor,
  { id, kind, site, key }: { id: string; kind: KindName; site: string; key: string },
  tags: readonly string[],
): { sql: string; values: unknown[] } {
  const readable = positional(readableWhere(reader, { kind: 's.kind', site: 's.site' }));
  const live = positional(readableWhere(reader, { kind: 's.kind', site: 's.site', environment: 's.place' }));
  const named = namedTarget(kind, key);
  const reached =
    site === ALL_SITES
      ? {
          sql: '(t.term <> ? OR NOT EXISTS (SELECT 1 FROM document own WHERE own.kind = ? AND own.doc_key = ? AND own.site = s.site AND own.id <> ?))',
          values: [named, kind, key, id],
        }
      : { sql: 's.site = ?', values: [site] };
  return {
    sql: `SELECT DISTINCT ? AS used, s.document_id AS documentId, s.place FROM document_term t
      JOIN document_state s ON s.document_id = t.document_id AND s.sha256 = t.sha256
      WHERE t.term IN (?) AND s.document_id <> ? AND ${reached.sql}
        AND ((s.place = '${DRAFT}' AND ${readable.sql}) OR (s.place <> '${DRAFT}' AND ${live.sql}))
      ORDER BY documentId, s.place LIMIT ${MAX_ROWS}`,
    values: [
      ...[id, [named, ...tags.map((tag) => tagTarget(kind, tag))], id],
      ...reached.values,
      ...readable.values,
      ...live.values,
    ],
  };
}

function usersOf(rows: readonly UserRow[]): DocumentUser[] {
  const users = [...Map.groupBy(rows, ({ documentId }) => documentId)].map(([documentId, places]) => ({
    documentId,
    inDraft: places.some(({ place }) => place === DRAFT),
    environments: places.map(({ place }) => place).filter((place) => place !== DRAFT),
  }));
  return users.slice(0, MAX_USERS);
}
