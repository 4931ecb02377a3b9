/** The settings that `npm start` reads itself, with defaults. The apps read more; `.env.example` lists all of them. */
export const startVariables = {
  DATABASE_URL: '',
  REDIS_URL: '',
  DATABASE_URL_CONTROL_PLANE: '',
  DATABASE_URL_WORKER: '',
  DATABASE_URL_ODDS: '',
  DATABASE_URL_CLI: '',
  REDIS_URL_CONTROL_PLANE: '',
  REDIS_URL_WORKER: '',
  REDIS_URL_EDGE: '',
  REDIS_URL_ANALYTICS: '',
  REDIS_URL_ODDS: '',
  REDIS_URL_CLI: '',
  PADDOCK_DIR: '.paddock',
  PORT_BASE: '4000',
  CONTROL_PLANE_PORT: '4000',
  WORKER_PORT: '4001',
  EDGE_PORT: '4100',
  ANALYTICS_PORT: '4200',
  ODDS_PORT: '4300',
  HOST: '127.0.0.1',
};

/** @typedef {ReturnType<typeof readSettings>} StartSettings */

export function readSettings(/** @type {Record<string, string | undefined>} */ env) {
  const base = portFrom(env, 'PORT_BASE', 4_000);
  return {
    databaseUrl: env['DATABASE_URL'] || undefined,
    redisUrl: env['REDIS_URL'] || undefined,
    /** Addresses of single processes on servers of one's own, each with the user of that process. */
    ownUrls: { database: ownUrls(env, 'DATABASE_URL'), redis: ownUrls(env, 'REDIS_URL') },
    host: env['HOST'] || startVariables.HOST,
    /** The preferred port of each app. */
    ports: {
      controlPlane: portFrom(env, 'CONTROL_PLANE_PORT', base),
      worker: portFrom(env, 'WORKER_PORT', base + 1),
      edge: portFrom(env, 'EDGE_PORT', base + 100),
      analytics: portFrom(env, 'ANALYTICS_PORT', base + 200),
      odds: portFrom(env, 'ODDS_PORT', base + 300),
    },
    /** The operations port of each app: always on loopback, and moved by PORT_BASE. */
    operationsPorts: {
      controlPlane: base + 50,
      worker: base + 51,
      edge: base + 150,
      analytics: base + 250,
      odds: base + 350,
    },
  };
}

function portFrom(
  /** @type {Record<string, string | undefined>} */ env,
  /** @type {string} */ name,
  /** @type {number} */ fallback,
) {
  const value = env[name] || String(fallback);
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port <= 65_435) return port;
  throw new Error(`${name} must be a port from 1 to 65435, not ${JSON.stringify(value)}`);
}

/** @typedef {'controlPlane' | 'worker' | 'edge' | 'analytics' | 'odds' | 'cli'} ServerUser */

/** @type {Record<string, ServerUser>} */
const SERVER_USERS = {
  CONTROL_PLANE: 'controlPlane',
  WORKER: 'worker',
  EDGE: 'edge',
  ANALYTICS: 'analytics',
  ODDS: 'odds',
  CLI: 'cli',
};

/** @returns {Partial<Record<ServerUser, string>>} */
function ownUrls(
  /** @type {Record<string, string | undefined>} */ env,
  /** @type {'DATABASE_URL' | 'REDIS_URL'} */ server,
) {
  /** @type {Partial<Record<ServerUser, string>>} */
  const urls = {};
  for (const [suffix, user] of Object.entries(SERVER_USERS)) {
    const name = `${server}_${suffix}`;
    const url = name in startVariables ? env[name] : undefined;
    if (!url) continue;
    if (!env[server])
      throw new Error(`${name} is for a server of your own: set ${server} too, with a user who may change tables`);
    urls[user] = url;
  }
  return urls;
}
