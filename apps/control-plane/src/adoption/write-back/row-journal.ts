import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database, type Tx } from '../../database/database.js';
import { RowImageRow, RowWriteRow } from '../adoption.entity.js';
import type { WholeRow } from './row-statements.js';

/** What is about to be written, and what was there before. See {@link RowWriteRow} and {@link RowImageRow}. */
@Injectable()
export class RowJournal {
  constructor(private readonly db: Database) {}

  async begin(tx: Tx, writes: readonly Omit<RowWriteRow, 'preparedAt'>[]): Promise<void> {
    if (writes.length === 0) return;
    await tx.query(
      `INSERT INTO row_write (mapping_id, document_id, op, revision, key_cells, seq, prepared_at) VALUES ?
       ON DUPLICATE KEY UPDATE op = VALUES(op), revision = VALUES(revision), key_cells = VALUES(key_cells), seq = VALUES(seq), prepared_at = VALUES(prepared_at)`,
      [writes.map((write) => [write.mappingId, write.documentId, write.op, write.revision, write.keyCells, write.seq, new Date()])],
    );
  }

  async end(tx: Tx, mappingId: string, documentIds: readonly string[]): Promise<void> {
    if (documentIds.length > 0) await tx.delete(RowWriteRow, { mappingId, documentId: In([...documentIds]) });
  }

  async begun(mappingId: string): Promise<Map<string, RowWriteRow>> {
    const rows = await this.db.manager.findBy(RowWriteRow, { mappingId });
    return new Map(rows.map((row) => [row.documentId, row]));
  }

  /** The first image of a body stays: later ones may have been written by ourselves. */
  async keep(tx: Tx, images: readonly { mappingId: string; documentId: string; bodySha256: string; row: WholeRow }[]): Promise<void> {
    if (images.length === 0) return;
    await tx.query('INSERT IGNORE INTO row_image (mapping_id, document_id, body_sha256, cells, taken_at) VALUES ?', [
      images.map(({ mappingId, documentId, bodySha256, row }) => [mappingId, documentId, bodySha256, packWhole(row), new Date()]),
    ]);
  }

  /** The images of some documents, the newest first. */
  async images(mappingId: string, documentIds: readonly string[]): Promise<Map<string, { bodySha256: string; row: WholeRow }[]>> {
    if (documentIds.length === 0) return new Map();
    const rows = await this.db.manager.find(RowImageRow, { where: { mappingId, documentId: In([...documentIds]) }, order: { takenAt: 'DESC' } });
    const images = rows.map((row) => ({ documentId: row.documentId, bodySha256: row.bodySha256, row: unpackWhole(row.cells) }));
    return Map.groupBy(images, ({ documentId }) => documentId);
  }
}

function packWhole(row: WholeRow): string {
  return JSON.stringify(Object.fromEntries([...row].map(([name, cell]) => [name, cell?.toString('hex') ?? null])));
}

function unpackWhole(packed: string): WholeRow {
  const cells: Record<string, string | null> = JSON.parse(packed);
  return new Map(Object.entries(cells).map(([name, cell]) => [name, cell === null ? null : Buffer.from(cell, 'hex')]));
}
