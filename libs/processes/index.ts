export { APP_NAMES, type AppName, type AppOptions, AppProcess, entryOf, type StartedApp } from './app.js';
export {
  accountOf,
  DATABASE_USERS,
  type DatabaseUser,
  databaseUserName,
  hasExactly,
  isDatabasePassword,
  passwordVariable,
  type TableGrants,
  urlAs,
  userStatements,
} from './database-users.js';
export { findBinary } from './binaries.js';
export { type MariaDbOptions, PrivateMariaDb } from './mariadb.js';
export {
  type Environment,
  type Exit,
  OwnedProcess,
  type ProcessEvent,
  type ProcessSpec,
  type StartOptions,
} from './owned-process.js';
export { choosePort, claimPort, freePort } from './ports.js';
export { environmentOf, mayHave, type ProcessName, SECRETS, SETTINGS } from './process-settings.js';
export { PrivateRedis, type RedisOptions } from './redis.js';
export {
  type AclOptions,
  REDIS_ADMINISTRATOR,
  REDIS_USERS,
  redisAclFile,
  redisAclTemplate,
  redisPasswordVariable,
  type RedisUser,
  redisUserName,
} from './redis-users.js';
