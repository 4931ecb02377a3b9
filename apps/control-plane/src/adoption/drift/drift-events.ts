import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../access/actor.js';
import { Database, type Tx } from '../../database/database.js';
import { DriftEventRow, type DriftKind, type DriftState } from '../adoption.entity.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { cellShown } from '../mapping/map-row.js';
import type { Cells } from '../mapping/unmap-body.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { AdoptedTables } from '../tables/adopted-tables.js';

/** Something that does not agree, as it was found. */
export interface Drift {
  key: Row;
  documentId: string | null;
  kind: DriftKind;
  /** The release that could not be written because of it. */
  seq: number | null;
  /** The row as it is; `undefined` where it is gone. */
  present: Row | undefined;
  /** What Paddock would have it hold; `undefined` where it would have it gone. */
  ours: Cells | undefined;
  /** What does not fit, for people. */
  note?: string;
}

/** Shown beside the columns where there is something to say. */
const NOTE = '(note)';

/** What was changed where Paddock did not expect it: listed with both sides until somebody settles it. */
@Injectable()
export class DriftEvents {
  constructor(
    private readonly db: Database,
    private readonly tables: AdoptedTables,
  ) {}

  /** Remembers each one; what is open already is brought up to date and not counted again. */
  async record(tx: Tx, mappingId: string, mapping: CompiledMapping, drifts: readonly Drift[]): Promise<void> {
    let fresh = 0;
    for (const drift of drifts) {
      const keyHash = rowHash(drift.key);
      const shown = {
        ...{ documentId: drift.documentId, kind: drift.kind },
        theirs: drift.present ? JSON.stringify(rowShown(drift.present, mapping)) : null,
        ours: drift.ours ? JSON.stringify({ ...oursShown(drift, mapping), ...(drift.note ? { [NOTE]: drift.note } : {}) }) : null,
        theirHash: drift.present ? rowHash(drift.present) : '',
      };
      const open = await tx.findOneBy(DriftEventRow, { mappingId, keyHash, state: 'OPEN' });
      if (open) {
        await tx.update(DriftEventRow, open.id, { ...shown, ...(drift.seq === null ? {} : { seq: drift.seq }) });
      } else {
        fresh += 1;
        const detected = { id: uuidv7(), mappingId, keyHash, keyCells: packCells(drift.key), state: 'OPEN' as const, seq: drift.seq };
        await tx.insert(DriftEventRow, { ...detected, ...shown, detectedAt: new Date(), settledAt: null, settledBy: null });
      }
    }
    await this.tables.count(tx, mappingId, { drifts: fresh });
  }

  /** What agrees again by itself is drift no more. */
  async vanished(tx: Tx, mappingId: string, keyHashes: readonly string[]): Promise<void> {
    if (keyHashes.length === 0) return;
    await tx.update(DriftEventRow, { mappingId, state: 'OPEN', keyHash: In([...keyHashes]) }, { state: 'VANISHED', settledAt: new Date() });
  }

  async settle(tx: Tx, actor: Actor, id: string, state: Exclude<DriftState, 'OPEN'>): Promise<void> {
    await tx.update(DriftEventRow, { id, state: 'OPEN' }, { state, settledAt: new Date(), settledBy: actor.id });
  }

  find(id: string): Promise<DriftEventRow | null> {
    return this.db.manager.findOneBy(DriftEventRow, { id });
  }

  open(mappingId: string): Promise<DriftEventRow[]> {
    return this.db.manager.find(DriftEventRow, { where: { mappingId, state: 'OPEN' }, order: { id: 'ASC' } });
  }

  /** Those that kept releases from being written, of one release or of all. */
  openOfReleases(mappingId: string, seq?: number): Promise<DriftEventRow[]> {
    return this.db.manager.find(DriftEventRow, { where: { mappingId, state: 'OPEN', seq: seq ?? Not(IsNull()) }, order: { seq: 'ASC' } });
  }

  /** Newest first. */
  list(filter: { mappingIds?: readonly string[]; state?: DriftState }, page: { limit: number; before: string | undefined }): Promise<DriftEventRow[]> {
    const query = this.db.manager.createQueryBuilder(DriftEventRow, 'drift').orderBy('drift.id', 'DESC').limit(page.limit);
    if (filter.mappingIds) query.andWhere('drift.mappingId IN (:...mappingIds)', { mappingIds: filter.mappingIds });
    if (filter.state) query.andWhere('drift.state = :state', { state: filter.state });
    if (page.before) query.andWhere('drift.id < :before', { before: page.before });
    return query.getMany();
  }
}

/** A row as people see it, by column. */
export function rowShown(row: Row, mapping: CompiledMapping): Record<string, string | null> {
  return Object.fromEntries(mapping.columns.map(({ ref }, at) => [ref, cellShown(row[at] ?? null, mapping, at)]));
}

function oursShown({ ours, key, present }: Drift, mapping: CompiledMapping): Record<string, string | null> {
  const cells = mapping.columns.map((column, at) => {
    if (at < mapping.keyLength) return key[at] ?? null;
    return ours?.has(column) ? (ours.get(column) ?? null) : (present?.[at] ?? null);
  });
  return rowShown(cells, mapping);
}
