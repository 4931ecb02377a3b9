import type { DataSource } from 'typeorm';
import { migrate } from '@paddock/migrations';

/** The tables are not what this version needs. */
export class PendingMigrations extends Error {
  constructor() {
    super('the odds tables are not up to date: run `node dist/apps/odds/src/migrate.js` first');
  }
}

/** Brings the odds tables up to date. May be interrupted, repeated and run by several processes at once. */
export async function migrateOdds(source: DataSource): Promise<void> {
  await migrate(source, { set: 'odds_migrations' });
}

/** The service itself changes no tables: an operator decides when they change. @throws PendingMigrations */
export async function assertMigrated(source: DataSource): Promise<void> {
  if (await source.showMigrations()) throw new PendingMigrations();
}
