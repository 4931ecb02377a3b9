import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, LessThanOrEqual, Not, type SelectQueryBuilder } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { sha256Hex } from '@paddock/contracts';
import type { Actor } from '../../access/actor.js';
import { readableWhere } from '../../access/reading.js';
import { Database, type Tx } from '../../database/database.js';
import { DriftEventRow, type DriftKind, type DriftState, RowDependentsRow } from '../adoption.entity.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { cellShown } from '../mapping/map-row.js';
import type { Cells } from '../mapping/unmap-body.js';
import { packCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { NOTE } from '../write-back/row-standing.js';
import { retryDelayMs } from './retry-delay.js';

/** Something that does not agree, as it was found. */
export interface Drift {
  /** Empty where there is no row, and no key for one yet: the document names the event then. */
  key: Row;
  documentId: string | null;
  kind: DriftKind;
  /** The release that could not be written because of it. */
  seq: number | null;
  /** The row as it is; `undefined` for a deleted row. */
  present: Row | undefined;
  /** What Paddock would have it hold; `undefined` where it would have it gone. */
  ours: Cells | undefined;
  /** What does not fit, for people. */
  note?: string;
}

/** Unexpected changes: listed with both sides until they are settled. */
@Injectable()
export class DriftEvents {
  constructor(
    private readonly db: Database,
    private readonly tables: AdoptedTables,
  ) {}

  /** Remembers each one; what is open already is brought up to date and not counted again. */
  async record(
    tx: Tx,
    mappingId: string,
    mapping: CompiledMapping,
    drifts: readonly Drift[],
    now = new Date(),
  ): Promise<void> {
    let fresh = 0;
    for (const drift of drifts) {
      const keyHash = eventKey(drift);
      const shown = {
        ...{ documentId: drift.documentId, kind: drift.kind },
        theirs: drift.present ? JSON.stringify(rowShown(drift.present, mapping)) : null,
        ours:
          drift.ours || drift.note
            ? JSON.stringify({
                ...(drift.ours ? oursShown(drift, mapping) : {}),
                ...(drift.note ? { [NOTE]: drift.note } : {}),
              })
            : null,
        theirHash: drift.present ? rowHash(drift.present) : '',
      };
      const open = await openOf(tx, mappingId, keyHash, drift);
      const retry = nextTry(drift, shown.theirHash, open, now);
      if (open) {
        await tx.update(DriftEventRow, open.id, {
          keyHash,
          keyCells: packCells(drift.key),
          ...shown,
          ...retry,
          ...(drift.seq === null ? {} : { seq: drift.seq }),
        });
      } else {
        fresh += 1;
        const detected = {
          id: uuidv7(),
          mappingId,
          keyHash,
          keyCells: packCells(drift.key),
          state: 'OPEN' as const,
          seq: drift.seq,
        };
        await tx.insert(DriftEventRow, {
          ...detected,
          ...shown,
          ...retry,
          detectedAt: now,
          settledAt: null,
          settledBy: null,
        });
      }
    }
    await this.tables.count(tx, mappingId, { drifts: fresh });
  }

  /** The rows of these keys and documents were read, and say what is live: nothing is open about them any more. */
  async vanished(
    tx: Tx,
    mappingId: string,
    { keyHashes = [], documentIds = [] }: { keyHashes?: readonly string[]; documentIds?: readonly string[] },
  ): Promise<void> {
    if (keyHashes.length + documentIds.length === 0) return;
    const settled = { state: 'VANISHED' as const, settledAt: new Date(), retryAt: null };
    // A draft that an editor changed is no matter of its row.
    const open = { mappingId, state: 'OPEN' as const, kind: Not('DRAFT_EDITED' as const) };
    const waiting = new Set(
      (await tx.findBy(RowDependentsRow, { mappingId, state: 'RETURNING' })).map(({ documentId }) => documentId),
    );
    for (const these of [{ keyHash: In([...keyHashes]) }, { documentId: In([...documentIds]) }]) {
      const found = await tx.find(DriftEventRow, {
        select: { id: true, documentId: true },
        where: { ...open, ...these },
      });
      // The row says what it shall, and rows of other tables that went with it are not back yet.
      const ids = found.flatMap(({ id, documentId }) => (documentId !== null && waiting.has(documentId) ? [] : [id]));
      if (ids.length > 0) await tx.update(DriftEventRow, { id: In(ids) }, settled);
    }
  }

  /** Drafts of these documents, mirrored again, are what their rows make: nothing is open about them any more. */
  async mirrored(tx: Tx, mappingId: string, documentIds: readonly string[]): Promise<void> {
    if (documentIds.length === 0) return;
    await tx.update(
      DriftEventRow,
      { mappingId, state: 'OPEN', kind: 'DRAFT_EDITED', documentId: In([...documentIds]) },
      { state: 'VANISHED', settledAt: new Date() },
    );
  }

  /** Open events that keep a release from being written, and whose time to be tried again has come. */
  due(mappingId: string, now: Date): Promise<DriftEventRow[]> {
    return this.db.manager.find(DriftEventRow, {
      where: {
        mappingId,
        state: 'OPEN',
        seq: Not(IsNull()),
        kind: Not('DRAFT_EDITED' as const),
        retryAt: LessThanOrEqual(now),
      },
      order: { retryAt: 'ASC' },
      take: MAX_DUE,
    });
  }

  /** Nothing waits for these events any more: the mapping does not write their documents now. */
  async stopRetrying(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.db.manager.update(DriftEventRow, { id: In([...ids]) }, { retryAt: null });
  }

  /** Something about these rows has changed: what waits for them is tried at once. */
  async retryNow(tx: Tx, mappingId: string, keyHashes: readonly string[]): Promise<void> {
    if (keyHashes.length === 0) return;
    await tx.update(
      DriftEventRow,
      { mappingId, state: 'OPEN', seq: Not(IsNull()), keyHash: In([...keyHashes]) },
      { attempts: 0, retryAt: new Date() },
    );
  }

  async settle(tx: Tx, actor: Actor, id: string, state: Exclude<DriftState, 'OPEN'>): Promise<void> {
    await tx.update(
      DriftEventRow,
      { id, state: 'OPEN' },
      { state, settledAt: new Date(), settledBy: actor.id, retryAt: null },
    );
  }

  find(id: string): Promise<DriftEventRow | null> {
    return this.db.manager.findOneBy(DriftEventRow, { id });
  }

  open(mappingId: string): Promise<DriftEventRow[]> {
    return this.db.manager.find(DriftEventRow, { where: { mappingId, state: 'OPEN' }, order: { id: 'ASC' } });
  }

  /** Those that keep releases from being written, the oldest release first. */
  openOfReleases(mappingId: string): Promise<DriftEventRow[]> {
    return this.db.manager.find(DriftEventRow, {
      where: { mappingId, state: 'OPEN', seq: Not(IsNull()), kind: Not('DRAFT_EDITED' as const) },
      order: { seq: 'ASC' },
    });
  }

  /** When a person, or a look at a row, last settled an event of a table. */
  async lastSettledAt(mappingId: string): Promise<Date | null> {
    const [last] = await this.db.manager.find(DriftEventRow, {
      where: { mappingId, settledAt: Not(IsNull()) },
      order: { settledAt: 'DESC' },
      take: 1,
    });
    return last?.settledAt ?? null;
  }

  /** Of documents that `reader` may read, newest first. */
  /** A query for the events, as `drift`, that a filter leaves. */
  list(
    filter: { mappingIds?: readonly string[]; state?: DriftState; reader?: Actor },
    manager: EntityManager,
  ): SelectQueryBuilder<DriftEventRow> {
    const query = manager.createQueryBuilder(DriftEventRow, 'drift').where('1 = 1');
    if (filter.mappingIds) query.andWhere('drift.mappingId IN (:...mappingIds)', { mappingIds: filter.mappingIds });
    if (filter.state) query.andWhere('drift.state = :state', { state: filter.state });
    // Both sides of a drift show what the document holds.
    if (filter.reader) {
      const { sql, parameters } = readableWhere(filter.reader, { kind: 'd.kind', site: 'd.site' });
      const document = `SELECT 1 FROM document d WHERE d.id = drift.document_id AND ${sql}`;
      query.andWhere(`(drift.document_id IS NULL OR EXISTS (${document}))`, parameters);
    }
    return query;
  }
}

/** Events that one pass tries again; the others follow in the next. */
const MAX_DUE = 1_000;

function eventKey({ key, documentId }: Drift): string {
  return key.length > 0 || documentId === null ? rowHash(key) : sha256Hex(`document ${documentId}`);
}

/** The open event of the row, or of its document: a row that is added later, under a key of its own, has the same event. */
async function openOf(
  tx: Tx,
  mappingId: string,
  keyHash: string,
  { documentId, kind }: Drift,
): Promise<DriftEventRow | null> {
  const open = await tx.findOneBy(DriftEventRow, { mappingId, keyHash, state: 'OPEN' });
  if (open || documentId === null) return open;
  return tx.findOneBy(DriftEventRow, {
    mappingId,
    documentId,
    state: 'OPEN',
    kind: kind === 'DRAFT_EDITED' ? kind : Not('DRAFT_EDITED' as const),
  });
}

/** A write that failed is tried again later and later; where the row was changed meanwhile, at once. */
function nextTry(
  { seq }: Drift,
  theirHash: string,
  open: DriftEventRow | null,
  now: Date,
): Pick<DriftEventRow, 'attempts' | 'retryAt'> {
  if (seq === null) {
    const waiting = open !== null && open.seq !== null;
    return waiting && open.theirHash !== theirHash
      ? { attempts: 0, retryAt: now }
      : { attempts: open?.attempts ?? 0, retryAt: open?.retryAt ?? null };
  }
  const attempts = open && open.seq === seq && open.theirHash === theirHash ? open.attempts + 1 : 1;
  return { attempts, retryAt: new Date(now.getTime() + retryDelayMs(attempts, Math.random())) };
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
