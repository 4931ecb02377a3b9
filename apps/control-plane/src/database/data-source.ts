import type { DataSource } from 'typeorm';
import { mysqlDataSource, type MysqlOptions, SnakeCaseNaming } from '@paddock/mysql';
import { MIGRATIONS } from '../../../../migrations/index.js';
import { ENTITIES } from './entities.js';

/** How the tables are reached. */
export type DataSourceSettings = Pick<MysqlOptions, 'poolSize' | 'queryTimeoutMs' | 'type'>;

/** The control plane's tables in MySQL or MariaDB. */
export function createDataSource(url: URL, settings: DataSourceSettings): DataSource {
  return mysqlDataSource(url, {
    ...settings,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    naming: new SnakeCaseNaming(),
  });
}
