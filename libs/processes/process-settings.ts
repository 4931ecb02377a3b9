import type { AppName } from './app.js';
import type { Environment } from './owned-process.js';

/** Everything that runs with settings: the apps, the steps that change tables and make the sample, the operator command. */
export type ProcessName = AppName | 'migrations' | 'seed' | 'cli';

const APPS: readonly ProcessName[] = ['controlPlane', 'worker', 'edge', 'analytics', 'odds'];
const CONTROL: readonly ProcessName[] = ['controlPlane', 'worker', 'seed'];
const ON_MYSQL: readonly ProcessName[] = ['controlPlane', 'worker', 'odds', 'migrations', 'seed', 'cli'];

type Rows = Readonly<Record<string, readonly ProcessName[]>>;

/**
 * Which process gets which secret; no other process has it in its environment. A name that ends in `*` stands for all
 * that begin so. `DATABASE_URL` and `REDIS_URL` are secrets by the password in them, and each process has its own.
 */
export const SECRETS: Rows = {
  DATABASE_URL: ON_MYSQL,
  REDIS_URL: [...APPS, 'seed', 'cli'],
  'DATABASE_PASSWORD_*': ['migrations'],
  ADOPTION_KEY: CONTROL,
  AUDIT_SIGNING_KEY: ['worker'],
  ANALYTICS_TOKEN: ['controlPlane', 'analytics'],
  ANALYTICS_BATCH_SOURCES: ['analytics'],
  CLICKHOUSE_URL: ['analytics'],
  EDGE_CLK_SECRET: ['edge'],
  'ODDS_SECRET_*': ['odds'],
  'PROXY_SECRET_*': ['odds'],
  'OTEL_*': [...APPS, 'seed'],
};

/** Which process gets which other setting: those that it reads. */
export const SETTINGS: Rows = {
  LOG_LEVEL: [...APPS, 'seed'],
  HOST: APPS,
  OPERATIONS_HOST: APPS,
  OPERATIONS_PORT: APPS,
  TRUSTED_PROXIES: APPS,
  ALLOWED_ORIGINS: APPS,
  'HTTP_*': APPS,
  GRAPHQL_INTROSPECTION: ['controlPlane', 'edge', 'analytics'],
  SECURITY_CONTACT: APPS,
  SECURITY_TXT_EXPIRES: APPS,
  OUTBOUND_ALLOWED_NETWORKS: [...CONTROL, 'odds'],
  AUDIT_CHECKPOINTS: ['worker', 'cli'],
  AUDIT_PUBLIC_KEYS: ['worker', 'cli'],
  PADDOCK_CRASH: [...APPS, 'seed'],
  REDIS_PREFIX: [...APPS, 'seed', 'cli'],
  DATABASE_POOL_SIZE: [...CONTROL, 'odds'],
  DATABASE_QUERY_TIMEOUT_MS: CONTROL,
  CONTROL_PLANE_PORT: ['controlPlane'],
  FRESH_SIGN_IN_MINUTES: ['controlPlane'],
  WORKER_PORT: ['worker'],
  ADOPTION_FORBIDDEN_NETWORKS: CONTROL,
  SEED_OUTPUT: ['seed'],
  DATABASE_USER_PREFIX: ['migrations', 'cli'],
  ANALYTICS_URL: ['controlPlane'],
  ANALYTICS_PORT: ['analytics'],
  ANALYTICS_STORE_DIR: ['analytics'],
  ANALYTICS_LEASE_MS: ['analytics'],
  ANALYTICS_DEDUPLICATION_HOURS: ['analytics'],
  ANALYTICS_ENVIRONMENT: ['analytics'],
  ANALYTICS_INSTANCE: ['analytics'],
  ANALYTICS_STATE_DIR: ['analytics'],
  ANALYTICS_POLL_MS: ['analytics'],
  ANALYTICS_DEFINITIONS: ['analytics'],
  ANALYTICS_READERS: ['analytics'],
  ANALYTICS_OPERATORS: ['analytics'],
  ANALYTICS_OPEN_READS: ['analytics'],
  ANALYTICS_RECONCILE_SECONDS: ['analytics'],
  ANALYTICS_KEYS: ['analytics'],
  ANALYTICS_ANONYMOUS: ['analytics'],
  ANALYTICS_MAX_BODY_MB: ['analytics'],
  ANALYTICS_MAX_EVENTS: ['analytics'],
  ANALYTICS_BUFFER_MB: ['analytics'],
  ANALYTICS_SAMPLE_SEED: ['analytics'],
  ANALYTICS_SAMPLE_PER_SECOND: ['analytics'],
  EDGE_PORT: ['edge'],
  EDGE_READS_PER_SECOND: ['edge'],
  EDGE_STATE_DIR: ['edge'],
  EDGE_INSTANCE: ['edge'],
  EDGE_ENVIRONMENTS: ['edge'],
  EDGE_READY_ENVIRONMENTS: ['edge'],
  EDGE_POLL_MS: ['edge'],
  EDGE_BODY_CACHE_MB: ['edge'],
  EDGE_MAX_STREAMS: ['edge'],
  EDGE_ODDS_SILENCE_MS: ['edge'],
  EDGE_LEGACY_ODDS_SUNSET: ['edge'],
  ODDS_PORT: ['odds'],
  ODDS_ENVIRONMENT: ['odds'],
  ODDS_FEEDS_FILE: ['odds'],
  ODDS_FILES_DIR: ['odds'],
  ODDS_STATE_DIR: ['odds'],
  ODDS_INSTANCE: ['odds'],
  ODDS_POLL_MS: ['odds'],
  ODDS_LEASE_MS: ['odds'],
  PROXY_UPSTREAMS_FILE: ['odds'],
  PROXY_ALLOW_PRIVATE: [...CONTROL, 'odds'],
  PROXY_CACHE_MB: ['odds'],
};

/** What every process on this machine needs, whatever it does: no secrets. */
const SYSTEM = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_*',
  'LD_LIBRARY_PATH',
  'NODE_ENV',
  'NODE_OPTIONS',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'UV_THREADPOOL_SIZE',
];

/** Of all variables, those that a process gets. */
export function environmentOf(process: ProcessName, variables: Environment): Record<string, string | undefined> {
  const names = [...SYSTEM, ...namesFor(process, SECRETS), ...namesFor(process, SETTINGS)];
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => names.some((pattern) => stands(pattern, name))),
  );
}

/** The variables of a third-party server: none of Paddock's. */
export function systemEnvironment(variables: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => SYSTEM.some((pattern) => stands(pattern, name))),
  );
}

/** May the process have a variable of this name? */
export function mayHave(process: ProcessName, name: string): boolean {
  return [...SYSTEM, ...namesFor(process, SECRETS), ...namesFor(process, SETTINGS)].some((pattern) =>
    stands(pattern, name),
  );
}

function namesFor(process: ProcessName, rows: Rows): string[] {
  return Object.keys(rows).filter((name) => rows[name]?.includes(process));
}

function stands(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
