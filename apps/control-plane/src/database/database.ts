import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';

/** A transaction's handle: what runs inside takes it as its first argument. */
export type Tx = EntityManager;

const RETRIES = 3;

/** Error numbers of a transaction that lost a race and may simply run again. */
const LOST_RACE = new Set([
  1213, // deadlock
  1205, // lock wait timeout
  1020, // record changed since last read: a lost compare-and-set under MariaDB's innodb_snapshot_isolation
]);

/** Reads and transactions on the truth. */
@Injectable()
export class Database {
  constructor(@Inject(DataSource) private readonly source: DataSource) {}

  /** For reads that need no transaction. */
  get manager(): EntityManager {
    return this.source.manager;
  }

  /** Reads that belong together: all of them see the database as it was at the first one. */
  snapshot<T>(read: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.source.transaction('REPEATABLE READ', read);
  }

  /**
   * Runs `work` in one transaction. It runs again, up to three times with jitter, when it lost a deadlock or a lock
   * race, so it must have no effect but on the database.
   */
  async tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.source.transaction('READ COMMITTED', work);
      } catch (error) {
        if (attempt > RETRIES || !lostRace(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, attempt * 10 * (1 + Math.random())));
      }
    }
  }
}

function lostRace(error: unknown): boolean {
  return LOST_RACE.has(driverErrorNumber(error) ?? 0);
}

/** Did the statement break a unique key? */
export function isDuplicateKey(error: unknown): boolean {
  return driverErrorNumber(error) === 1062;
}

function driverErrorNumber(error: unknown): number | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { errno } = error.driverError as { errno?: unknown };
  return typeof errno === 'number' ? errno : undefined;
}
