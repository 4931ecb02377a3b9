import { EnvReader } from '@paddock/runtime';
import { createOddsDataSource } from './data-source.js';

/** For TypeORM's command line alone, against a MariaDB: `typeorm migration:generate -d dist/apps/odds/src/storage/cli-data-source.js`. */
const env = new EnvReader(process.env);
const { url } = env.done({ url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']) });
export default createOddsDataSource(url, 1, 'mariadb');
