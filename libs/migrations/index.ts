export { applyUsers, type UsersOptions, usersScript } from './apply-users.js';
export { noteBroadPowers } from './broad-powers.js';
export { type MigrateOptions, MigrationsBusy, migrate } from './migrate.js';
