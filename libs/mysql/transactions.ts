import { setTimeout as delay } from 'node:timers/promises';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';

const RETRIES = 3;
const WAIT_MS = 10;

/** Error numbers of a transaction that lost a race and may simply run again. */
const LOST_RACE = new Set([
  1213, // deadlock
  1205, // lock wait timeout
  1020, // record changed since last read: a lost compare-and-set under MariaDB's innodb_snapshot_isolation
]);

const DUPLICATE_KEY = 1062;

/**
 * Runs `work` in one transaction, READ COMMITTED. It runs again, up to three times with jitter, when it lost a deadlock or
 * a lock race, so it must have no effect but on the database.
 */
export async function inTransaction<T>(
  source: Pick<DataSource, 'transaction'>,
  work: (tx: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await source.transaction('READ COMMITTED', work);
    } catch (error) {
      if (attempt > RETRIES || !lostRace(error)) throw error;
      await delay(attempt * WAIT_MS * (1 + Math.random()));
    }
  }
}

function lostRace(error: unknown): boolean {
  return LOST_RACE.has(driverErrorNumber(error) ?? 0);
}

/** Did the statement break a unique key? */
export function isDuplicateKey(error: unknown): boolean {
  return driverErrorNumber(error) === DUPLICATE_KEY;
}

function driverErrorNumber(error: unknown): number | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const cause: unknown = error.driverError;
  if (typeof cause !== 'object' || cause === null || !('errno' in cause)) return undefined;
  return typeof cause.errno === 'number' ? cause.errno : undefined;
}
