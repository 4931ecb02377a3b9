import { describe, expect, it, test } from 'vitest';
import { EnvReader, InvalidSettings } from '@paddock/runtime';
import { type HttpSettings, readHttpSettings } from './http-settings.js';

const DEFAULTS = {
  operationsPort: 4150,
  connections: 20_000,
  connectionsPerAddress: 2_500,
  streamsPerAddress: 2_500,
  requestsPerSecond: 5_000,
  requestsPerSecondPerKey: 20_000,
};

function read(variables: Readonly<Record<string, string>>): HttpSettings {
  const env = new EnvReader(variables);
  return env.done(readHttpSettings(env, variables, DEFAULTS));
}

function problemsOf(variables: Readonly<Record<string, string>>): readonly string[] {
  try {
    read(variables);
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems;
    throw error;
  }
}

describe('settings of a port', () => {
  it('are the defaults of the app', () => {
    const { limits, operations, deadlines, allowedOrigins, trustedProxies } = read({});
    expect(limits).toMatchObject({ connections: 20_000, connectionsPerAddress: 2_500, requestsPerSecond: 5_000 });
    expect([operations, deadlines, allowedOrigins, trustedProxies]).toEqual([
      { host: '127.0.0.1', port: 4_150 },
      { headersMs: 10_000, requestMs: 30_000 },
      [],
      { hops: 0 },
    ]);
  });

  it('are read, frozen, and still judge addresses', () => {
    const { limits, trustedProxies, operations } = read({
      HTTP_REQUESTS_PER_SECOND: '0',
      HTTP_UNLIMITED_NETWORKS: '10.0.0.0/8, ::1',
      TRUSTED_PROXIES: '192.0.2.0/24',
      OPERATIONS_PORT: '0',
    });
    expect([limits.requestsPerSecond, operations.port]).toEqual([0, 0]);
    expect([
      limits.unlimited?.has('10.1.2.3'),
      limits.unlimited?.has('::1'),
      limits.unlimited?.has('11.0.0.1'),
    ]).toEqual([true, true, false]);
    expect('networks' in trustedProxies && trustedProxies.networks.has('192.0.2.9')).toBe(true);
  });

  it('name every mistake at once', () => {
    const problems = problemsOf({
      TRUSTED_PROXIES: 'true',
      ALLOWED_ORIGINS: '*',
      HTTP_MAX_CONNECTIONS: '0',
      HTTP_REQUESTS_PER_SECOND: '-1',
      HTTP_REQUEST_TIMEOUT_MS: '5',
      OPERATIONS_PORT: '70000',
      HTTP_UNLIMITED_NETWORKS: 'all',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'TRUSTED_PROXIES',
      'ALLOWED_ORIGINS',
      'HTTP_UNLIMITED_NETWORKS',
      'HTTP_REQUEST_TIMEOUT_MS',
      'HTTP_MAX_CONNECTIONS',
      'HTTP_REQUESTS_PER_SECOND',
      'OPERATIONS_PORT',
    ]);
    expect(problems[0]).toContain('must be the number of proxies in front');
  });
});

test('TRUST_PROXY=true is refused with what to set instead', () => {
  expect(problemsOf({ TRUST_PROXY: 'true' })).toEqual([
    expect.stringMatching(/^TRUST_PROXY .*TRUSTED_PROXIES.*such as 1/),
  ]);
  expect(problemsOf({ TRUST_PROXY: 'false' })).toEqual([]);
});
