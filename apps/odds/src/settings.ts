import { FEED_SECRET_PREFIX, PROXY_SECRET_PREFIX } from '@paddock/contracts';
import { type PortDefaults, readHttpSettings } from '@paddock/http-server';
import { readOutboundPolicy, readProxyPolicy } from '@paddock/outbound';
import { EnvReader, readProcessSettings, readSecurityTxt } from '@paddock/runtime';
import { namedSecretsIn } from './config/named-secrets.js';

/** High, because the proxy answers from memory and a frontend's backend asks for all of its visitors. */
export const ODDS_PORT_DEFAULTS: PortDefaults = {
  operationsPort: 4350,
  connections: 10_000,
  connectionsPerAddress: 2_500,
  streamsPerAddress: 100,
  requestsPerSecond: 20_000,
  requestsPerSecondPerKey: 20_000,
};

/** The settings of the odds service, read from the environment. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>, env = new EnvReader(variables)) {
  const policy = readOutboundPolicy(env);
  return env.done({
    ...readProcessSettings(env, 'ODDS_PORT', 4300),
    http: readHttpSettings(env, variables, ODDS_PORT_DEFAULTS),
    database: {
      url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']),
      poolSize: env.integer('DATABASE_POOL_SIZE', 10, { min: 2, max: 200 }),
    },
    redis: {
      url: env.url('REDIS_URL', ['redis:', 'rediss:']),
      prefix: env.text('REDIS_PREFIX', 'paddock'),
    },
    /** The environment whose odds-feed documents say which feeds run. */
    environment: env.text('ODDS_ENVIRONMENT', 'production'),
    /** JSON file that lists the feeds instead, for recordings and trials. */
    feedsFile: env.optional('ODDS_FEEDS_FILE'),
    /** Folder of the files that config may name; without it config can name no file. */
    filesDir: env.optional('ODDS_FILES_DIR'),
    /** Where feeds may connect to; the control plane checks config by the same setting. */
    policy,
    /** Secrets of feeds: ODDS_SECRET_NAME, with the hosts that it may be sent to in ODDS_SECRET_NAME_HOSTS. */
    secrets: namedSecretsIn(variables, FEED_SECRET_PREFIX, (name, message) => env.refuse(name, message)),
    /** Where the last known good config is kept; one folder per instance. */
    stateDir: env.text('ODDS_STATE_DIR', '.paddock/odds'),
    /** Name of this instance in receipts; by default generated and kept in the state folder. */
    instance: env.optional('ODDS_INSTANCE'),
    /** How often to check Redis for config whose notice was lost. */
    pollMs: env.integer('ODDS_POLL_MS', 2_000, { min: 50, max: 60_000 }),
    /** How long a silent process keeps its partitions and feeds before others take them. */
    leaseMs: env.integer('ODDS_LEASE_MS', 5_000, { min: 500, max: 60_000 }),
    proxy: {
      /** JSON file of upstreams, and perhaps of client keys, instead of live config. */
      upstreamsFile: env.optional('PROXY_UPSTREAMS_FILE'),
      /** Where upstreams may be. */
      policy: readProxyPolicy(env, policy),
      cacheBytes: env.integer('PROXY_CACHE_MB', 64, { min: 1, max: 16_384 }) * 1_048_576,
      /** Secrets of upstreams: PROXY_SECRET_NAME, with the hosts that it may be sent to in PROXY_SECRET_NAME_HOSTS. */
      secrets: namedSecretsIn(variables, PROXY_SECRET_PREFIX, (name, message) => env.refuse(name, message)),
    },
    /** The fields of `/.well-known/security.txt`. */
    securityTxt: readSecurityTxt(env),
  });
}

/** The settings of the migrations. */
export function readDatabaseSettings(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  env = new EnvReader(variables),
) {
  return env.done({ url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']) });
}

export type OddsSettings = ReturnType<typeof readSettings>;
