import { createHash } from 'node:crypto';
import { QueryFailedError, type QueryRunner } from 'typeorm';

type State = 'begun' | 'done';

/** Statements that change tables. The server commits each one by itself, and applies it whole or not at all. */
const DEFINES = /^\s*(CREATE|ALTER|DROP|RENAME|TRUNCATE)\b/i;
/** Statements that change rows; they are recorded in the transaction that they run in. */
const CHANGES = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i;

/** What the server answers to a table definition that it has already applied. */
const ALREADY_APPLIED = new Set([
  1050, // table exists
  1051, // table to drop is unknown
  1054, // column to rename is unknown
  1060, // column exists
  1061, // index exists
  1091, // column or index to drop is unknown
  1146, // table to rename does not exist
]);

/**
 * Remembers in the database which statements of a migration have run, so that a migration that was interrupted anywhere
 * continues there. A table definition is recorded before it runs and after: between the two it is not known whether the
 * server applied it, so it is sent again, and the answer that it is already applied is then a success.
 */
export class StatementJournal {
  private migration = '';
  private step = 0;
  private known = new Map<number, { sha256: string; state: State }>();

  constructor(
    private readonly inner: QueryRunner,
    private readonly table: string,
  ) {}

  /** Continues or begins the journal of one migration. */
  async open(migration: string): Promise<void> {
    await this.inner.query(
      `CREATE TABLE IF NOT EXISTS \`${this.table}\` (
         migration varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, step int UNSIGNED NOT NULL,
         sha256 char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, state varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
         PRIMARY KEY (migration, step)) ENGINE = InnoDB`,
    );
    const rows: { step: number; sha256: string; state: State }[] = await this.inner.query(
      `SELECT step, sha256, state FROM \`${this.table}\` WHERE migration = ?`,
      [migration],
    );
    this.migration = migration;
    this.step = 0;
    this.known = new Map(rows.map((row) => [row.step, row]));
  }

  /** The query runner for the statements of a migration. */
  get runner(): QueryRunner {
    const query = (sql: string, parameters?: unknown[]): Promise<unknown> => this.query(sql, parameters);
    return new Proxy(this.inner, {
      get: (target, property, receiver): unknown =>
        property === 'query' ? query : Reflect.get(target, property, receiver),
    });
  }

  /** Nothing is pending: nothing has to be remembered. */
  async remove(): Promise<void> {
    await this.inner.query(`DROP TABLE IF EXISTS \`${this.table}\``);
  }

  private async query(sql: string, parameters?: unknown[]): Promise<unknown> {
    if (!DEFINES.test(sql) && !CHANGES.test(sql)) return this.inner.query(sql, parameters);
    this.step += 1;
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const known = this.known.get(this.step);
    if (known && known.sha256 !== sha256)
      throw new Error(
        `${this.migration} was begun by another version of Paddock and has other statements in this one; complete it with that version first`,
      );
    if (known?.state === 'done') return undefined;
    return DEFINES.test(sql)
      ? this.define(sql, parameters, sha256, known !== undefined)
      : this.change(sql, parameters, sha256);
  }

  private async define(
    sql: string,
    parameters: unknown[] | undefined,
    sha256: string,
    sentBefore: boolean,
  ): Promise<unknown> {
    if (!sentBefore) await this.record(sha256, 'begun');
    let result: unknown;
    try {
      result = await this.inner.query(sql, parameters);
    } catch (error) {
      const refusal = errorNumber(error);
      // The first attempt was refused: the next one must not take the same answer for a success.
      if (!sentBefore && refusal !== undefined) await this.forget();
      if (!sentBefore || !ALREADY_APPLIED.has(refusal ?? 0)) throw error;
    }
    await this.inner.query(`UPDATE \`${this.table}\` SET state = 'done' WHERE migration = ? AND step = ?`, [
      this.migration,
      this.step,
    ]);
    return result;
  }

  private async change(sql: string, parameters: unknown[] | undefined, sha256: string): Promise<unknown> {
    await this.inner.query('START TRANSACTION');
    try {
      const result: unknown = await this.inner.query(sql, parameters);
      await this.record(sha256, 'done');
      await this.inner.query('COMMIT');
      return result;
    } catch (error) {
      await this.inner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private async forget(): Promise<void> {
    await this.inner.query(`DELETE FROM \`${this.table}\` WHERE migration = ? AND step = ?`, [
      this.migration,
      this.step,
    ]);
  }

  private async record(sha256: string, state: State): Promise<void> {
    await this.inner.query(`INSERT INTO \`${this.table}\` (migration, step, sha256, state) VALUES (?, ?, ?, ?)`, [
      this.migration,
      this.step,
      sha256,
      state,
    ]);
  }
}

/** The number of an error that the server answered; `undefined` for a connection that broke. */
function errorNumber(error: unknown): number | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { errno, code }: { errno?: unknown; code?: unknown } = error.driverError;
  return typeof errno === 'number' && errno > 0 && typeof code === 'string' && code.startsWith('ER_')
    ? errno
    : undefined;
}
