import { readIntrospection } from '@paddock/graphql';
import { type PortDefaults, readHttpSettings } from '@paddock/http-server';
import { readNetworks, readOutboundPolicy, readProxyPolicy } from '@paddock/outbound';
import { EnvReader, readProcessSettings, readSecurityTxt } from '@paddock/runtime';
import { parseSealingKey } from './adoption/source/sealed-secret.js';
import { parsePublicKeys, parseSigningKey } from './audit/heads/signed-head.js';

/** People and their scripts, many of them behind one address of an office. */
const CONTROL_PLANE_PORT: PortDefaults = {
  operationsPort: 4050,
  connections: 5_000,
  connectionsPerAddress: 500,
  streamsPerAddress: 200,
  requestsPerSecond: 500,
  requestsPerSecondPerKey: 500,
};

/** The worker is asked for its health alone. */
const WORKER_PORT: PortDefaults = {
  operationsPort: 4051,
  connections: 500,
  connectionsPerAddress: 100,
  streamsPerAddress: 1,
  requestsPerSecond: 100,
  requestsPerSecondPerKey: 100,
};

/** The same for the worker's process, whose ports have other defaults. */
export function readWorkerSettings(variables: Readonly<Record<string, string | undefined>>) {
  return readSettings(variables, new EnvReader(variables), WORKER_PORT);
}

/** Everything that the control plane and its worker are told from outside. */
export function readSettings(
  variables: Readonly<Record<string, string | undefined>>,
  env = new EnvReader(variables),
  port = CONTROL_PLANE_PORT,
) {
  const outbound = readOutboundPolicy(env);
  return env.done({
    production: env.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development') === 'production',
    /** May clients read the GraphQL schema? */
    introspection: readIntrospection(env, variables),
    ...readProcessSettings(env, 'CONTROL_PLANE_PORT', 4000),
    /** Health of the worker process. */
    workerPort: env.port('WORKER_PORT', 4001),
    /** The ports of the process. */
    http: readHttpSettings(env, variables, port),
    database: {
      url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']),
      poolSize: env.integer('DATABASE_POOL_SIZE', 10, { min: 2, max: 200 }),
      /** A statement that is not answered for so long fails: the database or the way to it is silent. */
      queryTimeoutMs: env.integer('DATABASE_QUERY_TIMEOUT_MS', 30_000, { min: 1_000, max: 3_600_000 }),
    },
    redis: {
      url: env.url('REDIS_URL', ['redis:', 'rediss:']),
      prefix: env.text('REDIS_PREFIX', 'paddock'),
    },
    adoption: {
      /** Encrypts the passwords of sources; without it none can be kept. */
      sealingKey: env.optionalLike(
        'ADOPTION_KEY',
        (text) => parseSealingKey(text) !== undefined,
        '32 bytes in hexadecimal digits or base64',
      ),
    },
    /** Where config may lead: the data planes apply the same policies when they connect. */
    outbound: {
      feeds: outbound,
      upstreams: readProxyPolicy(env, outbound),
      /** Sources of adoption, less the networks where none may be. */
      sources: outbound.without(readNetworks(env, 'ADOPTION_FORBIDDEN_NETWORKS')),
    },
    /** How long a proof of the password counts for what gives power to others: grants, tokens, keys, passwords. */
    freshSignInMinutes: env.integer('FRESH_SIGN_IN_MINUTES', 15, { min: 1, max: 720 }),
    audit: {
      /** Signs the audit log; for the worker only. */
      signingKey: env.optionalLike(
        'AUDIT_SIGNING_KEY',
        (text) => parseSigningKey(text) !== undefined,
        '32 bytes in hexadecimal digits',
      ),
      /** Keys with which it was signed before, for the worker; the keys of `paddock audit verify`. */
      publicKeys: listOf(
        env.optionalLike(
          'AUDIT_PUBLIC_KEYS',
          (text) => parsePublicKeys(text) !== undefined,
          'Ed25519 public keys in base64, joined by commas',
        ),
      ),
      /** A directory outside the database for signed heads; for the worker only. */
      checkpoints: env.optional('AUDIT_CHECKPOINTS'),
    },
    analytics: {
      /** Where plans ask for previews of metrics; without both there are none. */
      url: env.optional('ANALYTICS_URL') === undefined ? undefined : env.url('ANALYTICS_URL', ['http:', 'https:']),
      /** Shared with analytics. */
      token: env.optional('ANALYTICS_TOKEN'),
    },
    /** What `/.well-known/security.txt` says. */
    securityTxt: readSecurityTxt(env),
  });
}

function listOf(text: string | undefined): string[] {
  return text?.split(',').map((part) => part.trim()) ?? [];
}

export type ControlPlaneSettings = ReturnType<typeof readSettings>;

/** Injection token of {@link ControlPlaneSettings}. */
export const SETTINGS = Symbol('settings');
