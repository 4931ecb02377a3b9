import { randomBytes } from 'node:crypto';
import {
  claimPort,
  DATABASE_USERS,
  databaseUserName,
  passwordVariable,
  PrivateMariaDb,
  PrivateRedis,
  REDIS_USERS,
  redisPasswordVariable,
  urlAs,
} from '#built/processes';
import { ensureInstalled, installCommand } from '../setup/packages.mjs';
import { composeStop, composeUp, dockerAnswers } from './compose.mjs';
import { inLocal, readJson, writeJson } from './files.mjs';

/**
 * @typedef {object} Servers
 * @property {string} databaseUrl of the administrator
 * @property {string} redisUrl of the administrator
 * @property {(process: import('#built/processes').ProcessName) => { database: string, redis: string }} addresses as the process's user
 * @property {Record<string, string>} userPasswords the database users that migrations create, with their passwords;
 * empty on the operator's own server
 * @property {boolean} ownDatabase no DATABASE_URL was given
 * @property {Record<string, import('#built/processes').OwnedProcess>} processes those that are to run as our children
 * @property {() => Promise<void>} stopOthers stops those that are not
 */

/**
 * MariaDB and Redis: those that the environment names, else private ones, else Compose's.
 * @param {import('./settings.mjs').StartSettings} settings
 * @returns {Promise<Servers>}
 */
export async function prepareServers({ databaseUrl, redisUrl, ownUrls }) {
  const wanted = [
    ...(databaseUrl ? [] : [/** @type {const} */ ('mariadb')]),
    ...(redisUrl ? [] : [/** @type {const} */ ('redis')]),
  ];
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
    users: { prefix: redisPrefix(), passwords: keep.userPasswords.redis },
  });
  const children = useCompose ? {} : { ...(databaseUrl ? {} : { mysql }), ...(redisUrl ? {} : { redis }) };
  return {
    databaseUrl: databaseUrl ?? mysql.url,
    redisUrl: redisUrl ?? redis.url,
    addresses: (process) => {
      const user = userOf(process);
      const privateDatabase = asUser(mysql.url, user, keep.userPasswords.mysql);
      const privateRedis = user ? redis.urlFor(user) : redis.url;
      return {
        database: databaseUrl ? ((user && ownUrls.database[user]) ?? databaseUrl) : privateDatabase,
        redis: redisUrl ? ((user && ownUrls.redis[user]) ?? redisUrl) : privateRedis,
      };
    },
    userPasswords: databaseUrl ? {} : passwordVariables(keep.userPasswords.mysql),
    ownDatabase: databaseUrl === undefined,
    processes: children,
    stopOthers: async () => {
      if (useCompose) await composeStop();
    },
  };
}

/**
 * Whose user a process is on the servers: making the sample takes the control plane's powers, and only the migrations the
 * administrator's.
 * @returns {import('./settings.mjs').ServerUser | undefined}
 */
function userOf(/** @type {import('#built/processes').ProcessName} */ process) {
  if (process === 'migrations') return undefined;
  return process === 'seed' ? 'controlPlane' : process;
}

/** @param {string} administratorUrl @param {string | undefined} user @param {Record<string, string>} passwords */
function asUser(administratorUrl, user, passwords) {
  const known = DATABASE_USERS.find((name) => name === user);
  if (!known) return administratorUrl;
  return urlAs(administratorUrl, databaseUserName(databaseUserPrefix(), known), passwords[known] ?? '');
}

const passwordVariables = (/** @type {Record<string, string>} */ passwords) =>
  Object.fromEntries(DATABASE_USERS.map((user) => [passwordVariable(user), passwords[user] ?? '']));

/** As the migrations read it. */
const databaseUserPrefix = () => process.env['DATABASE_USER_PREFIX'] || 'paddock';

/** @param {readonly string[]} users @param {() => string} newPassword */
const passwordsFor = (users, newPassword) => Object.fromEntries(users.map((user) => [user, newPassword()]));

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

/** Passwords stay the same across restarts, and so do ports while they are free. */
async function loadKeep() {
  const file = inLocal('servers.json');
  const before = await readJson(file);
  const newPassword = () => randomBytes(24).toString('hex');
  const keep = {
    passwords: { mysql: newPassword(), redis: newPassword(), ...before?.passwords },
    userPasswords: {
      mysql: { ...passwordsFor(DATABASE_USERS, newPassword), ...before?.userPasswords?.mysql },
      redis: { ...passwordsFor(REDIS_USERS, newPassword), ...before?.userPasswords?.redis },
    },
    ports: { mysql: await claimPort(before?.ports.mysql), redis: await claimPort(before?.ports.redis) },
  };
  await writeJson(file, keep);
  return keep;
}

const composeSettings = (/** @type {Awaited<ReturnType<typeof loadKeep>>} */ { ports, passwords, userPasswords }) => ({
  MARIADB_PORT: String(ports.mysql),
  REDIS_PORT: String(ports.redis),
  MARIADB_PASSWORD: passwords.mysql,
  REDIS_PASSWORD: passwords.redis,
  REDIS_PREFIX: redisPrefix(),
  ...Object.fromEntries(REDIS_USERS.map((user) => [redisPasswordVariable(user), userPasswords.redis[user] ?? ''])),
});

/** The prefix of all keys of this installation. */
const redisPrefix = () => process.env['REDIS_PREFIX'] || 'paddock';
