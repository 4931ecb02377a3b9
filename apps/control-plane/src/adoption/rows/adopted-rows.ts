import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database, type Tx } from '../../database/database.js';
import { AdoptedRowRow } from '../adoption.entity.js';

/** What Paddock last saw of every row. */
@Injectable()
export class AdoptedRows {
  constructor(private readonly db: Database) {}

  async byKeys(
    mappingId: string,
    keyHashes: readonly string[],
    manager: Tx = this.db.manager,
  ): Promise<Map<string, AdoptedRowRow>> {
    if (keyHashes.length === 0) return new Map();
    const rows: AdoptedRowRow[] = await manager.query(`${SELECT} WHERE mapping_id = ? AND key_hash IN (?)`, [
      mappingId,
      keyHashes,
    ]);
    return new Map(rows.map((row) => [row.keyHash, row]));
  }

  async byDocuments(
    mappingId: string,
    documentIds: readonly string[],
    manager: Tx = this.db.manager,
  ): Promise<AdoptedRowRow[]> {
    if (documentIds.length === 0) return [];
    return manager.findBy(AdoptedRowRow, { mappingId, documentId: In([...documentIds]) });
  }

  async store(tx: Tx, rows: readonly AdoptedRowRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.query(
      `INSERT INTO adopted_row (mapping_id, key_hash, key_cells, row_hash, document_id, body_sha256, state, awaits_release, problems) VALUES ?
       ON DUPLICATE KEY UPDATE row_hash = VALUES(row_hash), document_id = VALUES(document_id), body_sha256 = VALUES(body_sha256),
         state = VALUES(state), awaits_release = VALUES(awaits_release), problems = VALUES(problems)`,
      [
        rows.map((row) => [
          row.mappingId,
          row.keyHash,
          row.keyCells,
          row.rowHash,
          row.documentId,
          row.bodySha256,
          row.state,
          row.awaitsRelease,
          row.problems,
        ]),
      ],
    );
  }

  /** How many rows are, or were, there, by state. */
  async counts(mappingId: string): Promise<Record<AdoptedRowRow['state'], number>> {
    const rows: { state: AdoptedRowRow['state']; count: string }[] = await this.db.manager.query(
      'SELECT state, COUNT(*) AS count FROM adopted_row WHERE mapping_id = ? GROUP BY state',
      [mappingId],
    );
    const counts = { PRESENT: 0, GONE: 0, UNFIT: 0 };
    for (const { state, count } of rows) counts[state] = Number(count);
    return counts;
  }

  /** Those that a scan should have met, in pages. */
  async *expected(mappingId: string, pageRows: number): AsyncGenerator<AdoptedRowRow[]> {
    let after = '';
    for (;;) {
      const rows: AdoptedRowRow[] = await this.db.manager.query(
        `${SELECT} WHERE mapping_id = ? AND key_hash > ? AND state IN ('PRESENT', 'UNFIT') ORDER BY key_hash LIMIT ?`,
        [mappingId, after, pageRows],
      );
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < pageRows) return;
      after = last.keyHash;
    }
  }
}

const SELECT = `SELECT mapping_id AS mappingId, key_hash AS keyHash, key_cells AS keyCells, row_hash AS rowHash, document_id AS documentId,
  body_sha256 AS bodySha256, state, awaits_release AS awaitsRelease, problems FROM adopted_row`;
