import { DataSource, type Logger } from 'typeorm';
import { MIGRATIONS } from '../../../../migrations/index.js';
import { boundedDriver } from './bounded-pool.js';
import { ENTITIES } from './entities.js';
import { SnakeCaseNaming } from './naming.js';
import { SilentConnections } from './silent-connections.js';

export interface DataSourceSettings {
  readonly poolSize: number;
  /** After so long without an answer a statement fails, and its connection is given up. As long as it takes when left out. */
  readonly queryTimeoutMs?: number;
  /** Matters to schema comparison alone: the two servers describe column defaults differently. */
  readonly type?: 'mysql' | 'mariadb';
}

const CONNECT_TIMEOUT_MS = 5_000;

const nothing = (): void => undefined;
/** TypeORM prints statements that took too long, with their text; whoever sent them hears of it and tells what it was about. */
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/** The connection pool to MySQL or MariaDB. Times are UTC on the wire whatever the server's zone. */
export function createDataSource(
  url: URL,
  { poolSize, queryTimeoutMs, type = 'mysql' }: DataSourceSettings,
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
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeCaseNaming(),
    synchronize: false,
  });
}
