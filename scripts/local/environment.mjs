import { environmentOf } from '#built/processes';

/**
 * The whole environment of a process: of what this shell has and of `more`, the variables that the process reads, and the
 * addresses of the servers with the user that it has there.
 * @param {import('#built/processes').ProcessName} name
 * @param {import('./servers.mjs').Servers} servers
 * @param {Record<string, string | undefined>} more
 */
export function environmentFor(name, { addresses }, more = {}) {
  const { database, redis } = addresses(name);
  return environmentOf(name, { ...process.env, ...more, DATABASE_URL: database, REDIS_URL: redis });
}
