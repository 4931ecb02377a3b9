import { DataSource, type Logger, type MixedList, type NamingStrategyInterface } from 'typeorm';
import { boundedDriver } from './bounded-pool.js';
import { SilentConnections } from './silent-connections.js';

/** A connection pool to MySQL or MariaDB, and the tables that it knows. */
export interface MysqlOptions {
  readonly poolSize: number;
  /** After so long without an answer a statement fails, and its connection is given up. As long as it takes when left out. */
  readonly queryTimeoutMs?: number | undefined;
  /** Matters to schema comparison alone: the two servers describe column defaults differently. */
  readonly type?: 'mysql' | 'mariadb' | undefined;
  readonly entities: MixedList<new () => object>;
  readonly migrations: MixedList<new () => object>;
  /** Where the migrations that ran are noted; TypeORM's own table when left out. */
  readonly migrationsTable?: string;
  /** How columns are named after properties; as TypeORM does when left out. */
  readonly naming?: NamingStrategyInterface;
}

const CONNECT_TIMEOUT_MS = 5_000;

const nothing = (): void => undefined;
/** TypeORM prints statements that took too long, with their text. Their callers get the error and log what it was about. */
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/**
 * A data source that is not yet connected. Times are UTC on the wire whatever the zone of the server, callers wait for a
 * connection for a limited time, and a connection that did not answer once is not used again. It changes no tables.
 */
export function mysqlDataSource(
  url: URL,
  { poolSize, queryTimeoutMs, type = 'mysql', entities, migrations, migrationsTable, naming }: MysqlOptions,
): DataSource {
  return new DataSource({
    type,
    driver: boundedDriver,
    url: url.href,
    charset: 'utf8mb4',
    timezone: 'Z',
    poolSize,
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, queryTimeoutMs ?? CONNECT_TIMEOUT_MS),
    ...(queryTimeoutMs === undefined
      ? {}
      : { maxQueryExecutionTime: queryTimeoutMs, enableQueryTimeout: true, logger: SILENT }),
    subscribers: [SilentConnections],
    entities,
    migrations,
    ...(migrationsTable === undefined ? {} : { migrationsTableName: migrationsTable }),
    migrationsTransactionMode: 'each',
    ...(naming ? { namingStrategy: naming } : {}),
    synchronize: false,
  });
}
