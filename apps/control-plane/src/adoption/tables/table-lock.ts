import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

/** Another process works on the table. */
export const BUSY = Symbol('busy');

/**
 * One process at a time works on an adopted table: a process that reads a row while another writes it would report a
 * foreign change. The lock is a lock of the database server and belongs to a connection, so a killed process holds no
 * lock.
 */
@Injectable()
export class TableLock {
  constructor(private readonly db: Database) {}

  /** @returns what `work` returns, or {@link BUSY} where the lock could not be had in time */
  async hold<T>(mappingId: string, waitSeconds: number, work: () => Promise<T>): Promise<T | typeof BUSY> {
    const runner = this.db.manager.dataSource.createQueryRunner();
    const name = `paddock-${mappingId}`;
    try {
      const [row]: { taken: string | number | null }[] = await runner.query('SELECT GET_LOCK(?, ?) AS taken', [
        name,
        waitSeconds,
      ]);
      if (Number(row?.taken) !== 1) return BUSY;
      try {
        return await work();
      } finally {
        await runner.query('DO RELEASE_LOCK(?)', [name]);
      }
    } finally {
      await runner.release();
    }
  }
}
