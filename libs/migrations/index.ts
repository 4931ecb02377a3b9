export { type MigrateOptions, MigrationsBusy, migrate } from './migrate.js';
