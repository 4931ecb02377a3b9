import { Injectable } from '@nestjs/common';
import type { KindName } from '@paddock/contracts';
import { Database, type Tx } from '../../database/database.js';

/**
 * What Paddock last made of the rows of each gathered document. It is remembered of the document: a row that comes back, or
 * comes over from another document, knows only what it was a part of when it was last there.
 */
@Injectable()
export class GatheredDocuments {
  constructor(private readonly db: Database) {}

  /** SHA-256 of the bodies that were made last, by the keys of their documents. */
  async seen(
    tx: Tx,
    mappingId: string,
    { kind, site, keys }: { kind: KindName; site: string; keys: readonly string[] },
  ): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows: { key: string; sha256: string }[] = await tx.query(
      `SELECT d.doc_key AS \`key\`, g.seen_sha256 AS sha256 FROM gathered_document g JOIN document d ON d.id = g.document_id
       WHERE g.mapping_id = ? AND d.kind = ? AND d.site = ? AND d.doc_key IN (?)`,
      [mappingId, kind, site, keys],
    );
    return new Map(rows.map(({ key, sha256 }) => [key, sha256]));
  }

  async store(tx: Tx, mappingId: string, documents: readonly { documentId: string; sha256: string }[]): Promise<void> {
    if (documents.length === 0) return;
    await tx.query(
      `INSERT INTO gathered_document (mapping_id, document_id, seen_sha256, left_behind) VALUES ?
       ON DUPLICATE KEY UPDATE seen_sha256 = VALUES(seen_sha256), left_behind = 0`,
      [documents.map(({ documentId, sha256 }) => [mappingId, documentId, sha256, false])],
    );
  }

  /** Documents whose rows have all gone over to others, so that no row is left to tell of it. */
  async leftBehind(mappingId: string): Promise<string[]> {
    const rows: { id: string }[] = await this.db.manager.query(
      `SELECT g.document_id AS id FROM gathered_document g WHERE g.mapping_id = ? AND g.left_behind = 0
         AND NOT EXISTS (SELECT 1 FROM adopted_row r WHERE r.mapping_id = g.mapping_id AND r.document_id = g.document_id)`,
      [mappingId],
    );
    return rows.map(({ id }) => id);
  }

  async dealtWith(mappingId: string, documentIds: readonly string[]): Promise<void> {
    if (documentIds.length === 0) return;
    await this.db.manager.query(
      'UPDATE gathered_document SET left_behind = 1 WHERE mapping_id = ? AND document_id IN (?)',
      [mappingId, documentIds],
    );
  }
}
