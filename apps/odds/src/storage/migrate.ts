import type { DataSource } from 'typeorm';

const LOCK = 'paddock odds migrations';
const LOCK_SECONDS = 60;

/** The tables are not what this version needs. */
export class PendingMigrations extends Error {
  constructor() {
    super('the odds tables are not up to date: run `node dist/apps/odds/src/migrate.js` first');
  }
}

/** Brings the odds tables up to date; two that do so at once do it one after the other. */
export async function migrateOdds(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await runner.query('SELECT GET_LOCK(?, ?)', [LOCK, LOCK_SECONDS]);
    await source.runMigrations();
  } finally {
    await runner.query('SELECT RELEASE_LOCK(?)', [LOCK]);
    await runner.release();
  }
}

/** The service itself changes no tables: when they change is an operator's decision. @throws PendingMigrations */
export async function demandMigrated(source: DataSource): Promise<void> {
  if (await source.showMigrations()) throw new PendingMigrations();
}
