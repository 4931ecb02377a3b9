import { assertNodeVersion } from '@paddock/runtime';
import { readDatabaseSettings } from './settings.js';
import { createOddsDataSource } from './storage/data-source.js';
import { migrateOdds } from './storage/migrate.js';

// `node dist/apps/odds/src/migrate.js`, with DATABASE_URL: brings the odds tables up to date.
assertNodeVersion();
try {
  const source = createOddsDataSource(readDatabaseSettings().url, 1);
  await source.initialize();
  await migrateOdds(source);
  await source.destroy();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
