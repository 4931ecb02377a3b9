import { readIntrospection } from '@paddock/graphql';
import { type PortDefaults, readHttpSettings } from '@paddock/http-server';
import { EnvReader, readProcessSettings, readSecurityTxt } from '@paddock/runtime';

/**
 * One process answers about 60,000 layouts a second from memory, and behind a CDN all of them come from a few addresses:
 * the limit of layouts is there to be lowered where visitors connect directly.
 */
const READS_PER_SECOND = 100_000;

const PORT: PortDefaults = {
  operationsPort: 4150,
  connections: 20_000,
  connectionsPerAddress: 2_500,
  streamsPerAddress: 2_500,
  requestsPerSecond: 5_000,
  requestsPerSecondPerKey: 20_000,
};

/** The settings of an edge, read from the environment. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>, env = new EnvReader(variables)) {
  return env.done({
    production: env.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development') === 'production',
    /** May clients read the GraphQL schema? */
    introspection: readIntrospection(env, variables),
    ...readProcessSettings(env, 'EDGE_PORT', 4100),
    http: readHttpSettings(env, variables, PORT),
    /** Layouts that one address, or one client key, may read in a second; 0 for no limit. */
    readsPerSecond: env.integer('EDGE_READS_PER_SECOND', READS_PER_SECOND, { min: 0, max: 10_000_000 }),
    redis: {
      url: env.url('REDIS_URL', ['redis:', 'rediss:']),
      prefix: env.text('REDIS_PREFIX', 'paddock'),
    },
    /** Where the last known good state is kept; one directory per instance. */
    stateDir: env.text('EDGE_STATE_DIR', '.paddock/edge'),
    /** Name of this instance in receipts; without one it makes one and keeps it in the state directory. */
    instance: env.optional('EDGE_INSTANCE'),
    /** The environments to serve, joined by commas; empty for all. */
    environments: namesIn(env.text('EDGE_ENVIRONMENTS', '')),
    /** The environments without which this edge is not ready, joined by commas; where it knows none of them, all count. */
    readyEnvironments: namesIn(env.text('EDGE_READY_ENVIRONMENTS', 'production')),
    /** How often to check Redis for releases whose notice was lost. */
    pollMs: env.integer('EDGE_POLL_MS', 2_000, { min: 50, max: 60_000 }),
    /** Memory for prepared bodies. */
    bodyCacheMb: env.integer('EDGE_BODY_CACHE_MB', 64, { min: 1, max: 16_384 }),
    /** Readers of the change stream at once. */
    maxStreams: env.integer('EDGE_MAX_STREAMS', 10_000, { min: 1, max: 1_000_000 }),
    /** How long the markets may be silent before they are suspended. */
    oddsSilenceMs: env.integer('EDGE_ODDS_SILENCE_MS', 10_000, { min: 2_000, max: 180_000 }),
    /** Signs resume tokens; the same on all edges behind one address. Without one each makes its own and keeps it. */
    clkSecret: env.optional('EDGE_CLK_SECRET'),
    /** The day from which the old routes for markets answer 410. */
    legacyOddsSunset:
      env.optionalLike('EDGE_LEGACY_ODDS_SUNSET', isSunset, 'a day like 2027-06-30, in 2026 or later') ?? '2027-06-30',
    /** The fields of `/.well-known/security.txt`. */
    securityTxt: readSecurityTxt(env),
  });
}

function namesIn(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

/** A route cannot end before it was deprecated. */
function isSunset(text: string): boolean {
  return /^20(?:2[6-9]|[3-9]\d)-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

export type EdgeSettings = ReturnType<typeof readSettings>;

/** Injection token of {@link EdgeSettings}. */
export const SETTINGS = Symbol('settings');
