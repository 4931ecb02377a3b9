import { createHash } from 'node:crypto';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { StatementJournal } from './statement-journal.js';

export interface MigrateOptions {
  /** Names the set of migrations: sets of one database run independently of each other. */
  set: string;
  /** How long to wait for another process that is migrating; two minutes when left out. */
  waitSeconds?: number;
}

/** Another process has been migrating the same tables for longer than this one was to wait. */
export class MigrationsBusy extends Error {
  constructor(waitSeconds: number) {
    super(
      `another process has been migrating this database for more than ${waitSeconds} s; wait for it and run this again`,
    );
  }
}

/**
 * Brings the tables to this version and returns the names of the migrations that ran. One process at a time does it,
 * under a lock that ends with its connection. MySQL and MariaDB commit at every DDL statement, so a migration cannot be
 * one transaction; a {@link StatementJournal} in the database makes a migration that was interrupted continue where it
 * stopped.
 * @throws MigrationsBusy
 */
export async function migrate(source: DataSource, { set, waitSeconds = 120 }: MigrateOptions): Promise<string[]> {
  // One connection for the lock and all statements: a statement that outlives its killed client still holds the lock.
  const runner = source.createQueryRunner();
  const lock = lockName(set, await currentDatabase(runner));
  try {
    const [row]: { locked: unknown }[] = await runner.query('SELECT GET_LOCK(?, ?) AS locked', [lock, waitSeconds]);
    if (Number(row?.locked) !== 1) throw new MigrationsBusy(waitSeconds);
    return await runPending(source, runner, set);
  } finally {
    await runner.query('SELECT RELEASE_LOCK(?)', [lock]).catch(() => undefined);
    await runner.release();
  }
}

async function runPending(source: DataSource, runner: QueryRunner, set: string): Promise<string[]> {
  const executor = new Executor(source, runner);
  await executor.prepare(runner);
  const journal = new StatementJournal(runner, `${set}_journal`);
  const done: string[] = [];
  for (const migration of await executor.getPendingMigrations()) {
    await journal.open(migration.name);
    await migration.instance?.up(journal.runner);
    await executor.insertMigration(migration);
    done.push(migration.name);
  }
  // Only now: what a killed run left of a migration that it had completed goes as well.
  await journal.remove();
  return done;
}

/** TypeORM's, which keeps the table of migrations that ran. */
class Executor extends MigrationExecutor {
  prepare(runner: QueryRunner): Promise<void> {
    return this.createMigrationsTableIfNotExist(runner);
  }
}

async function currentDatabase(runner: QueryRunner): Promise<string> {
  const [row]: { name: string | null }[] = await runner.query('SELECT DATABASE() AS name');
  return row?.name ?? '';
}

/** Lock names belong to the whole server and may have 64 characters. */
function lockName(set: string, database: string): string {
  return `paddock ${createHash('sha256').update(`${database} ${set}`).digest('hex').slice(0, 32)}`;
}
