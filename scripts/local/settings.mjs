
/** What `npm start` reads itself, with defaults; the apps read more. `.env.example` lists all of it. */
export const startVariables = {
  DATABASE_URL: '',
  REDIS_URL: '',
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
    host: env['HOST'] || startVariables.HOST,
    /** Where each app would like to listen. */
    ports: {
      controlPlane: portFrom(env, 'CONTROL_PLANE_PORT', base),
      worker: portFrom(env, 'WORKER_PORT', base + 1),
      edge: portFrom(env, 'EDGE_PORT', base + 100),
      analytics: portFrom(env, 'ANALYTICS_PORT', base + 200),
      odds: portFrom(env, 'ODDS_PORT', base + 300),
    },
    /** Where each tells operators more: always on this machine alone, and moved by PORT_BASE. */
    operationsPorts: { controlPlane: base + 50, worker: base + 51, edge: base + 150, analytics: base + 250, odds: base + 350 },
  };
}

function portFrom(/** @type {Record<string, string | undefined>} */ env, /** @type {string} */ name, /** @type {number} */ fallback) {
  const value = env[name] || String(fallback);
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port <= 65_435) return port;
  throw new Error(`${name} must be a port from 1 to 65435, not ${JSON.stringify(value)}`);
}
