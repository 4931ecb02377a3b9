import { EnvReader } from '@paddock/runtime';
import { createDataSource } from './data-source.js';

/** For TypeORM's command line alone, against a MariaDB: `typeorm migration:generate -d dist/apps/control-plane/src/database/cli-data-source.js`. */
const env = new EnvReader(process.env);
const { url } = env.done({ url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']) });
export default createDataSource(url, { poolSize: 1, type: 'mariadb' });
