import type { DataSource } from 'typeorm';
import { mysqlDataSource, type MysqlOptions } from '@paddock/mysql';
import { ODDS_MIGRATIONS } from '../../../../migrations/odds/index.js';
import { ODDS_ENTITIES } from './odds.entity.js';

/**
 * The odds service's tables, all named `odds_…`, with migrations of their own: it shares the server with the control
 * plane and nothing else.
 */
export function createOddsDataSource(url: URL, poolSize: number, type?: MysqlOptions['type']): DataSource {
  return mysqlDataSource(url, {
    poolSize,
    type,
    entities: ODDS_ENTITIES,
    migrations: ODDS_MIGRATIONS,
    migrationsTable: 'odds_migrations',
  });
}
