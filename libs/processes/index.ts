export { APP_NAMES, type AppName, type AppOptions, AppProcess, type StartedApp } from './app.js';
export { findBinary } from './binaries.js';
export { type MariaDbOptions, PrivateMariaDb } from './mariadb.js';
export { type Environment, type Exit, OwnedProcess, type ProcessEvent, type ProcessSpec, type StartOptions } from './owned-process.js';
export { choosePort, freePort } from './ports.js';
export { PrivateRedis, type RedisOptions } from './redis.js';
