import { Injectable } from '@nestjs/common';
import type { AdoptionBody } from '@paddock/contracts';
import { Database, type Tx } from '../../database/database.js';
import { AdoptedTableRow, AdoptionDayRow } from '../adoption.entity.js';

const DAYS_SHOWN = 30;

/** What is counted per day of a table. */
export interface DayCounts {
  foreignChanges?: number;
  drifts?: number;
  writes?: number;
}

/** Where every adopted table stands: who may change it, when it was looked at, who still writes it. */
@Injectable()
export class AdoptedTables {
  constructor(private readonly db: Database) {}

  /** The row of a mapping, created if missing, updated to the current mapping. */
  async follow(mappingId: string, body: AdoptionBody, mode: AdoptionBody['mode']): Promise<AdoptedTableRow> {
    const { source, table: tableName, environment } = body;
    await this.db.manager.query(
      `INSERT INTO adopted_table (mapping_id, source, table_name, environment, mode, scanned_rows, written_seq) VALUES (?, ?, ?, ?, ?, 0, 0)
       ON DUPLICATE KEY UPDATE source = VALUES(source), table_name = VALUES(table_name), environment = VALUES(environment), mode = VALUES(mode)`,
      [mappingId, source, tableName, environment, mode],
    );
    return this.db.manager.findOneByOrFail(AdoptedTableRow, { mappingId });
  }

  /** The rows of a table were imported; until the mapping is live, that is all that happens to it. */
  async imported(mappingId: string, body: AdoptionBody): Promise<void> {
    const before = await this.db.manager.findOneBy(AdoptedTableRow, { mappingId });
    await this.follow(mappingId, body, before?.mode ?? 'OBSERVE');
    await this.db.manager.update(AdoptedTableRow, mappingId, { importedAt: new Date() });
  }

  async list(): Promise<AdoptedTableRow[]> {
    return this.db.manager.find(AdoptedTableRow, { order: { source: 'ASC', tableName: 'ASC', mappingId: 'ASC' } });
  }

  async update(mappingId: string, changes: Partial<AdoptedTableRow>): Promise<void> {
    await this.db.manager.update(AdoptedTableRow, mappingId, changes);
  }

  /** The last days on which anything happened, newest first. */
  days(mappingId: string): Promise<AdoptionDayRow[]> {
    return this.db.manager.find(AdoptionDayRow, { where: { mappingId }, order: { day: 'DESC' }, take: DAYS_SHOWN });
  }

  /** Tables whose mappings are no longer active: only the old back office writes them. */
  async letGo(live: ReadonlySet<string>): Promise<void> {
    const gone = (await this.list()).filter(
      ({ mappingId, mode }) => !live.has(mappingId) && (mode === 'MIRROR' || mode === 'WRITE_BACK'),
    );
    for (const { mappingId } of gone) await this.update(mappingId, { mode: 'OBSERVE', pausedBecause: null });
  }

  /** Adds to the counts of today, in UTC. */
  async count(tx: Tx, mappingId: string, { foreignChanges = 0, drifts = 0, writes = 0 }: DayCounts): Promise<void> {
    if (foreignChanges + drifts + writes === 0) return;
    await tx.query(
      `INSERT INTO adoption_day (mapping_id, day, foreign_changes, drifts, writes) VALUES (?, UTC_DATE(), ?, ?, ?)
       ON DUPLICATE KEY UPDATE foreign_changes = foreign_changes + VALUES(foreign_changes), drifts = drifts + VALUES(drifts), writes = writes + VALUES(writes)`,
      [mappingId, foreignChanges, drifts, writes],
    );
    if (foreignChanges > 0) await tx.update(AdoptedTableRow, mappingId, { lastForeignChangeAt: new Date() });
  }
}
