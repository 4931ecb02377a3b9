import { Injectable } from '@nestjs/common';
import { sha256Hex } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import { Database } from '../../database/database.js';
import type { AdoptedTableRow } from '../adoption.entity.js';
import { DriftEvents } from '../drift/drift-events.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { isInexact } from '../rows/sql.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import type { Mapping } from '../tables/mappings.js';
import { WrittenRows } from '../write-back/written-rows.js';
import { scanDiff } from './scan-diff.js';

/**
 * Row hashes cover the columns that a mapping reads. When a mapping reads other columns, the old hashes are useless:
 * before any write, rows that agree with the live body get new hashes, and the others become drift.
 */
@Injectable()
export class Baseline {
  constructor(
    private readonly db: Database,
    private readonly rows: AdoptedRows,
    private readonly written: WrittenRows,
    private readonly drifts: DriftEvents,
    private readonly tables: AdoptedTables,
  ) {}

  isCurrent({ columnsHash }: AdoptedTableRow, mapping: CompiledMapping): boolean {
    return columnsHash === columnsOf(mapping);
  }

  async set(mappingId: string, mapping: CompiledMapping): Promise<void> {
    await this.tables.update(mappingId, { columnsHash: columnsOf(mapping) });
  }

  async takeAnew(mapping: Mapping, compiled: CompiledMapping, session: SourceSession): Promise<void> {
    for await (const difference of scanDiff(session, compiled, mapping.id, this.rows)) {
      const { drifts, agreed } = await this.written.judge(mapping, compiled, difference, { newColumns: true });
      await this.db.tx(async (tx) => {
        await this.rows.store(tx, agreed);
        await this.drifts.record(tx, mapping.id, compiled, drifts);
      });
    }
    await this.set(mapping.id, compiled);
  }
}

function columnsOf({ columns }: CompiledMapping): string {
  // Once, six digits of a FLOAT were read.
  return sha256Hex(
    JSON.stringify(columns.map(({ ref, schema }) => (isInexact(schema.dataType) ? `${ref}, exactly` : ref))),
  );
}
