import { readIntrospection } from '@paddock/graphql';
import { type PortDefaults, readHttpSettings } from '@paddock/http-server';
import { EnvReader, readProcessSettings, readSecurityTxt } from '@paddock/runtime';
import { parseBatchSources } from './reconciliation/batch-sources.js';

/** Senders batch: a few hundred requests a second carry more events than one process takes. */
export const ANALYTICS_PORT_DEFAULTS: PortDefaults = {
  operationsPort: 4250,
  connections: 10_000,
  connectionsPerAddress: 1_000,
  streamsPerAddress: 100,
  requestsPerSecond: 2_000,
  requestsPerSecondPerKey: 5_000,
};

/** The settings of the analytics process. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>, env = new EnvReader(variables)) {
  return env.done({
    production: env.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development') === 'production',
    /** May clients read the GraphQL schema? */
    introspection: readIntrospection(env, variables),
    ...readProcessSettings(env, 'ANALYTICS_PORT', 4200),
    http: readHttpSettings(env, variables, ANALYTICS_PORT_DEFAULTS),
    redis: {
      url: env.url('REDIS_URL', ['redis:', 'rediss:']),
      prefix: env.text('REDIS_PREFIX', 'paddock'),
    },
    /** The store's directory, which one process owns; a ClickHouse server instead where `CLICKHOUSE_URL` is set. */
    storeDir: env.text('ANALYTICS_STORE_DIR', '.paddock/analytics'),
    clickhouseUrl:
      env.optional('CLICKHOUSE_URL') === undefined ? undefined : env.url('CLICKHOUSE_URL', ['http:', 'https:']),
    /** How long a silent process keeps its part of the log before another takes it. */
    leaseMs: env.integer('ANALYTICS_LEASE_MS', 5_000, { min: 500, max: 60_000 }),
    /** For how long after its receipt another event with the same id does not count; at most as long as the log keeps events. */
    deduplicationHours: env.integer('ANALYTICS_DEDUPLICATION_HOURS', 24, { min: 1, max: 168 }),
    /** The environment whose event schemas, metrics and client keys this process follows. */
    environment: env.text('ANALYTICS_ENVIRONMENT', 'production'),
    /** Name of this instance in receipts. Without one it generates a name and stores it in the state directory. */
    instance: env.optional('ANALYTICS_INSTANCE'),
    /** Where the last known good definitions are kept. */
    stateDir: env.text('ANALYTICS_STATE_DIR', '.paddock/analytics-state'),
    /** How often to poll for releases whose notice was missed. */
    pollMs: env.integer('ANALYTICS_POLL_MS', 2_000, { min: 50, max: 60_000 }),
    /** A JSON file of contracts and metrics, read at start; nothing is followed then. */
    definitionsFile: env.optional('ANALYTICS_DEFINITIONS'),
    /** The token that authorizes the control plane to request previews; without it there are none. */
    token: env.optional('ANALYTICS_TOKEN'),
    access: {
      /** `name=sha256` of each key that may read metrics, joined by commas. */
      readers: env.text('ANALYTICS_READERS', ''),
      /** The same for keys that may also repair quarantined events, reconcile and cut over. */
      operators: env.text('ANALYTICS_OPERATORS', ''),
      /** May metrics be read without a key? */
      openReads: env.flag('ANALYTICS_OPEN_READS', false),
    },
    /** How often closed hours are compared with their recomputation. */
    reconcileSeconds: env.integer('ANALYTICS_RECONCILE_SECONDS', 60, { min: 1, max: 86_400 }),
    /** `name=mysql://user:password@host/database` of each database that results of batches may be imported from, joined by commas. */
    batchSources:
      env.optionalLike(
        'ANALYTICS_BATCH_SOURCES',
        (text) => parseBatchSources(text) !== undefined,
        'name=mysql://user:password@host:3306/database, joined by commas',
      ) ?? '',
    collector: {
      /** `name=sha256` of each producer's key, joined by commas. */
      keys: env.text('ANALYTICS_KEYS', ''),
      anonymous: env.flag('ANALYTICS_ANONYMOUS', false),
      maxBodyMb: env.integer('ANALYTICS_MAX_BODY_MB', 8, { min: 1, max: 1_024 }),
      maxEvents: env.integer('ANALYTICS_MAX_EVENTS', 20_000, { min: 1, max: 1_000_000 }),
      bufferMb: env.integer('ANALYTICS_BUFFER_MB', 64, { min: 1, max: 4_096 }),
    },
    sample: {
      /** Seed of the sample events, which are the same for the same seed. No sample events without it. */
      seed:
        env.optional('ANALYTICS_SAMPLE_SEED') === undefined
          ? undefined
          : env.integer('ANALYTICS_SAMPLE_SEED', 0, { min: 0, max: 4_294_967_295 }),
      perSecond: env.integer('ANALYTICS_SAMPLE_PER_SECOND', 5, { min: 1, max: 10_000 }),
    },
    /** What `/.well-known/security.txt` says. */
    securityTxt: readSecurityTxt(env),
  });
}

export type AnalyticsSettings = ReturnType<typeof readSettings>;
