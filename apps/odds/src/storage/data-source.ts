import { DataSource } from 'typeorm';
import { ODDS_MIGRATIONS } from '../../../../migrations/odds/index.js';
import { ODDS_ENTITIES } from './odds.entity.js';

/**
 * The odds service's tables, all named `odds_…`, with migrations of their own: it shares the server with the control
 * plane and nothing else. `type` matters to schema comparison alone.
 */
export function createOddsDataSource(url: URL, poolSize: number, type: 'mysql' | 'mariadb' = 'mysql'): DataSource {
  return new DataSource({
    type,
    url: url.href,
    charset: 'utf8mb4',
    timezone: 'Z',
    poolSize,
    connectTimeout: 5_000,
    entities: ODDS_ENTITIES,
    migrations: ODDS_MIGRATIONS,
    migrationsTableName: 'odds_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
  });
}
