import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database, type Tx } from '../../database/database.js';
import { RowDependentsRow, RowImageRow, RowWriteRow } from '../adoption.entity.js';
import type { WholeRow } from '../rows/scan.js';
import { type Dependent, merged, packDependents, packWhole, unpackDependents, unpackWhole } from './dependents.js';

/** A whole row when it last meant some body. */
export interface RowImage {
  bodySha256: string;
  row: WholeRow;
  /** What the database put into other columns by itself when the row was written then. */
  changedBeside: WholeRow | undefined;
}

/** What is about to be written, and what was there before. See {@link RowWriteRow} and {@link RowImageRow}. */
@Injectable()
export class RowJournal {
  constructor(private readonly db: Database) {}

  async begin(tx: Tx, writes: readonly Omit<RowWriteRow, 'preparedAt'>[]): Promise<void> {
    if (writes.length === 0) return;
    await tx.query(
      `INSERT INTO row_write (mapping_id, document_id, op, revision, key_cells, seq, prepared_at) VALUES ?
       ON DUPLICATE KEY UPDATE op = VALUES(op), revision = VALUES(revision), key_cells = VALUES(key_cells), seq = VALUES(seq), prepared_at = VALUES(prepared_at)`,
      [
        writes.map((write) => [
          write.mappingId,
          write.documentId,
          write.op,
          write.revision,
          write.keyCells,
          write.seq,
          new Date(),
        ]),
      ],
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
  async keep(
    tx: Tx,
    images: readonly { mappingId: string; documentId: string; bodySha256: string; row: WholeRow }[],
  ): Promise<void> {
    if (images.length === 0) return;
    await tx.query('INSERT IGNORE INTO row_image (mapping_id, document_id, body_sha256, cells, taken_at) VALUES ?', [
      images.map(({ mappingId, documentId, bodySha256, row }) => [
        mappingId,
        documentId,
        bodySha256,
        JSON.stringify(packWhole(row)),
        new Date(),
      ]),
    ]);
  }

  /** The images of some documents, the newest first. */
  async images(mappingId: string, documentIds: readonly string[]): Promise<Map<string, RowImage[]>> {
    if (documentIds.length === 0) return new Map();
    const rows = await this.db.manager.find(RowImageRow, {
      where: { mappingId, documentId: In([...documentIds]) },
      order: { takenAt: 'DESC' },
    });
    const images = rows.map((row) => ({
      documentId: row.documentId,
      bodySha256: row.bodySha256,
      row: unpackWhole(JSON.parse(row.cells)),
      changedBeside: row.changedBeside === null ? undefined : unpackWhole(JSON.parse(row.changedBeside)),
    }));
    return Map.groupBy(images, ({ documentId }) => documentId);
  }

  /** What the database changed by itself beside the columns of a write. */
  async changedBeside(
    tx: Tx,
    changes: readonly { mappingId: string; documentId: string; bodySha256: string; cells: WholeRow }[],
  ): Promise<void> {
    for (const { cells, ...key } of changes)
      await tx.update(RowImageRow, key, { changedBeside: JSON.stringify(packWhole(cells)) });
  }

  /** Rows of other tables that a write from this body takes along, in place of those that an earlier one took; but what is still missing of those stays. */
  async keepDependents(
    tx: Tx,
    key: Pick<RowDependentsRow, 'mappingId' | 'documentId' | 'bodySha256'>,
    dependents: readonly Dependent[],
  ): Promise<void> {
    const before = await tx.findOneBy(RowDependentsRow, { ...key });
    const missing = before?.state === 'RETURNING' ? unpackDependents(before.dependents) : [];
    await tx.delete(RowDependentsRow, { ...key });
    const all = merged([...missing, ...dependents]);
    if (all.length > 0)
      await tx.insert(RowDependentsRow, {
        ...key,
        state: 'TAKEN',
        dependents: packDependents(all),
        takenAt: new Date(),
      });
  }

  /** The row itself is about to be put back to these bodies; from now on its dependents are missing until they are there. */
  async returning(tx: Tx, mappingId: string, bodies: ReadonlyMap<string, string>): Promise<void> {
    if (bodies.size === 0) return;
    const kept = await tx.find(RowDependentsRow, {
      select: { documentId: true, bodySha256: true },
      where: { mappingId, documentId: In([...bodies.keys()]) },
    });
    for (const { documentId, bodySha256 } of kept) {
      if (bodies.get(documentId) === bodySha256)
        await tx.update(RowDependentsRow, { mappingId, documentId, bodySha256 }, { state: 'RETURNING' });
    }
  }

  async returned(tx: Tx, mappingId: string, documentIds: readonly string[]): Promise<void> {
    if (documentIds.length > 0)
      await tx.delete(RowDependentsRow, { mappingId, documentId: In([...documentIds]), state: 'RETURNING' });
  }

  /** Documents whose rows are back, or about to be, and some of their dependents are not. */
  async returningDocuments(mappingId: string): Promise<ReadonlySet<string>> {
    const rows = await this.db.manager.find(RowDependentsRow, {
      select: { documentId: true },
      where: { mappingId, state: 'RETURNING' },
    });
    return new Set(rows.map(({ documentId }) => documentId));
  }

  /** Dependents that are to be put back, by document. */
  async dependentsOf(
    mappingId: string,
    documents: readonly { id: string; sha256: string }[],
  ): Promise<Map<string, Dependent[]>> {
    if (documents.length === 0) return new Map();
    const rows = await this.db.manager.findBy(RowDependentsRow, {
      mappingId,
      documentId: In(documents.map(({ id }) => id)),
      state: 'RETURNING',
    });
    const wanted = new Map(documents.map(({ id, sha256 }) => [id, sha256]));
    return new Map(
      rows.flatMap((row) =>
        wanted.get(row.documentId) === row.bodySha256
          ? [[row.documentId, unpackDependents(row.dependents)] as const]
          : [],
      ),
    );
  }
}
