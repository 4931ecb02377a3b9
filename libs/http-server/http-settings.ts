import type { EnvReader } from '@paddock/runtime';
import { NetworkList } from './addresses.js';
import { parseOrigins } from './cors.js';
import { NO_PROXIES, parseTrustedProxies } from './trusted-proxies.js';

/** The default limits of an app's port; each app states its own. */
export interface PortDefaults {
  readonly operationsPort: number;
  /** Open connections of the process, and of one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** WebSockets and event streams of one client address. */
  readonly streamsPerAddress: number;
  /** Requests of one client address, and of one key or session. */
  readonly requestsPerSecond: number;
  readonly requestsPerSecondPerKey: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A request has as long as this to bring its header, and all of it. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const DEADLINE = { min: 100, max: 600_000 };
const COUNT = { min: 1, max: 10_000_000 };
/** 0 switches a rate off. */
const RATE = { min: 0, max: 10_000_000 };

/**
 * The settings of every port that the outside reaches, the same names in every app.
 * @param variables those that `env` reads
 */
export function readHttpSettings(env: EnvReader, variables: Variables, defaults: PortDefaults) {
  refuseTrustProxy(env, variables);
  const like = (name: string, parse: (text: string) => unknown, expected: string): string | undefined =>
    env.optionalLike(name, (text) => parse(text) !== undefined, expected);
  const hopsOrNetworks =
    'the number of proxies in front (up to 16), or their networks such as 10.0.0.0/8, joined by commas';
  const proxies = like('TRUSTED_PROXIES', parseTrustedProxies, hopsOrNetworks);
  const wholeOrigins = 'whole origins such as https://console.example.com, joined by commas, without a path';
  const origins = like('ALLOWED_ORIGINS', parseOrigins, wholeOrigins);
  const parseNetworks = (text: string): NetworkList | undefined => NetworkList.parse(text);
  const unlimited = like('HTTP_UNLIMITED_NETWORKS', parseNetworks, 'networks such as 10.0.0.0/8, joined by commas');
  return {
    /** Proxies that are trusted for the client's address and scheme. */
    trustedProxies: (proxies === undefined ? undefined : parseTrustedProxies(proxies)) ?? NO_PROXIES,
    /** Pages that may read answers besides those of our own origin. */
    allowedOrigins: parseOrigins(origins ?? '') ?? [],
    deadlines: {
      headersMs: env.integer('HTTP_HEADERS_TIMEOUT_MS', HEADERS_MS, DEADLINE),
      requestMs: env.integer('HTTP_REQUEST_TIMEOUT_MS', REQUEST_MS, DEADLINE),
    },
    limits: {
      connections: integerOr(env, 'HTTP_MAX_CONNECTIONS', defaults.connections, COUNT),
      connectionsPerAddress: integerOr(env, 'HTTP_CONNECTIONS_PER_ADDRESS', defaults.connectionsPerAddress, COUNT),
      streamsPerAddress: integerOr(env, 'HTTP_STREAMS_PER_ADDRESS', defaults.streamsPerAddress, COUNT),
      requestsPerSecond: integerOr(env, 'HTTP_REQUESTS_PER_SECOND', defaults.requestsPerSecond, RATE),
      requestsPerSecondPerKey: integerOr(
        env,
        'HTTP_REQUESTS_PER_SECOND_PER_KEY',
        defaults.requestsPerSecondPerKey,
        RATE,
      ),
      /** Clients to whom none of these limits applies, by their address. */
      unlimited: NetworkList.parse(unlimited ?? ''),
    },
    /** Where `/metrics` and the details of `/readyz` are: a port that is not public. */
    operations: {
      host: env.text('OPERATIONS_HOST', '127.0.0.1'),
      port: integerOr(env, 'OPERATIONS_PORT', defaults.operationsPort, { min: 0, max: 65_535 }),
    },
  };
}

export type HttpSettings = ReturnType<typeof readHttpSettings>;

/** The settings without any variable; for servers of tests and benchmarks. */
export function defaultHttpSettings(defaults: PortDefaults): HttpSettings {
  return {
    trustedProxies: NO_PROXIES,
    allowedOrigins: [],
    deadlines: { headersMs: HEADERS_MS, requestMs: REQUEST_MS },
    limits: { ...defaults, unlimited: undefined },
    operations: { host: '127.0.0.1', port: 0 },
  };
}

/** Its default differs from app to app, so `.env.example` leaves it empty. */
function integerOr(env: EnvReader, name: string, fallback: number, { min, max }: { min: number; max: number }): number {
  const isGood = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
  const given = env.optionalLike(name, isGood, `an integer from ${min} to ${max}`);
  return given !== undefined && isGood(given) ? Number(given) : fallback;
}

/** It believed the leftmost address, which the client writes. */
function refuseTrustProxy(env: EnvReader, { TRUST_PROXY: old = '' }: Variables): void {
  if (old === '' || old === 'false') return;
  const instead =
    'set TRUSTED_PROXIES to the number of proxies in front of this process, such as 1, or to their networks';
  env.refuse('TRUST_PROXY', `is no longer read: ${instead}`);
}
