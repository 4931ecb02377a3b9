import { randomBytes } from 'node:crypto';
import { choosePort, freePort, PrivateMariaDb, PrivateRedis } from '#processes';
import { ensureInstalled, installCommand } from '../setup/packages.mjs';
import { composeStop, composeUp, dockerAnswers } from './compose.mjs';
import { inLocal, readJson, writeJson } from './files.mjs';

/**
 * @typedef {object} Servers
 * @property {string} databaseUrl
 * @property {string} redisUrl
 * @property {boolean} ownDatabase no DATABASE_URL was given
 * @property {Record<string, import('#processes').OwnedProcess>} processes those that are to run as our children
 * @property {() => Promise<void>} stopOthers stops those that are not
 */

/**
 * MariaDB and Redis: those that the environment names, else private ones, else Compose's.
 * @param {import('./settings.mjs').StartSettings} settings
 * @returns {Promise<Servers>}
 */
export async function prepareServers({ databaseUrl, redisUrl }) {
  const wanted = [...(databaseUrl ? [] : [/** @type {const} */ ('mariadb')]), ...(redisUrl ? [] : [/** @type {const} */ ('redis')])];
  const keep = await loadKeep();
  const useCompose = await needCompose(wanted);
  if (useCompose) await composeUp(wanted, composeSettings(keep));

  const mysql = new PrivateMariaDb({
    dir: inLocal('mysql'),
    log: inLocal('logs', 'mysql.log'),
    port: keep.ports.mysql,
    password: keep.passwords.mysql,
    database: 'paddock',
  });
  const redis = new PrivateRedis({
    dir: inLocal('redis'),
    log: inLocal('logs', 'redis.log'),
    port: keep.ports.redis,
    password: keep.passwords.redis,
  });
  const children = useCompose ? {} : { ...(databaseUrl ? {} : { mysql }), ...(redisUrl ? {} : { redis }) };
  return {
    databaseUrl: databaseUrl ?? mysql.url,
    redisUrl: redisUrl ?? redis.url,
    ownDatabase: databaseUrl === undefined,
    processes: children,
    stopOthers: async () => {
      if (useCompose) await composeStop();
    },
  };
}

/**
 * @param {('mariadb' | 'redis')[]} wanted
 * @returns {Promise<boolean>} true when Compose is to run them, because they cannot run as our children
 */
async function needCompose(wanted) {
  const { missing, reason } = await ensureInstalled(wanted);
  if (missing.length === 0) return false;
  if (await dockerAnswers()) return true;
  throw new Error(
    `Paddock needs ${missing.map((name) => titles[name]).join(' and ')}, which could not be installed: ${reason}\n\n` +
      `  Type this, then npm start again:\n\n    ${installCommand(missing)}\n\n` +
      `  Or start Docker, or name servers of your own by DATABASE_URL and REDIS_URL.`,
  );
}

const titles = { mariadb: 'MariaDB', redis: 'Redis' };

/** Passwords stay over restarts, and so do ports as long as nobody takes them. */
async function loadKeep() {
  const file = inLocal('servers.json');
  const before = await readJson(file);
  const newPassword = () => randomBytes(24).toString('hex');
  const port = (/** @type {number | undefined} */ last) => (last ? choosePort(last) : freePort());
  const keep = {
    passwords: { mysql: newPassword(), redis: newPassword(), ...before?.passwords },
    ports: { mysql: await port(before?.ports.mysql), redis: await port(before?.ports.redis) },
  };
  await writeJson(file, keep);
  return keep;
}

const composeSettings = (/** @type {Awaited<ReturnType<typeof loadKeep>>} */ { ports, passwords }) => ({
  MARIADB_PORT: String(ports.mysql),
  REDIS_PORT: String(ports.redis),
  MARIADB_PASSWORD: passwords.mysql,
  REDIS_PASSWORD: passwords.redis,
});
