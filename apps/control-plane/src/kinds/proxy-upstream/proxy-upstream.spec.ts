import { describe, expect, test } from 'vitest';
import { proxyUpstreamKind } from './proxy-upstream.kind.js';

const body = {
  baseUrl: 'https://api.example.com/v4',
  windowMs: 1_000,
  silenceMs: 20_000,
  allow: ['/sports/*/odds', '/events/**'],
};

/** The problems of a body that differs from a good one in this. */
function problems(change: object): { path: string; code: string }[] {
  const parsed = proxyUpstreamKind.parse({ ...body, ...change });
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => ({ path, code }));
}

describe('an upstream', () => {
  test('is stored as it is written, with only what was written', () => {
    const whole = {
      ...body,
      timeoutMs: 2_000,
      cooldownMs: 5_000,
      maxBytes: 2_048,
      volatileParameters: ['_'],
      credential: { header: 'X-Api-Key', variable: 'PROXY_SECRET_ODDS' },
    };
    expect(proxyUpstreamKind.parse(body)).toEqual({ ok: true, body });
    expect(proxyUpstreamKind.parse(whole)).toEqual({ ok: true, body: whole });
    expect(
      problems({
        baseUrl: 'http://127.0.0.1:8080',
        credential: { query: 'apiKey', variable: 'PROXY_SECRET_A1' },
        timeoutMs: null,
      }),
    ).toEqual([]);
  });

  test.each([
    [{ baseUrl: 'http://api.example.com' }, 'baseUrl', 'INVALID_BASE_URL'],
    [{ baseUrl: 'ftp://api.example.com' }, 'baseUrl', 'INVALID_BASE_URL'],
    [{ baseUrl: 'https://user:pw@api.example.com' }, 'baseUrl', 'INVALID_BASE_URL'],
    [{ baseUrl: 'https://api.example.com/?key=1' }, 'baseUrl', 'INVALID_BASE_URL'],
    [{ baseUrl: 'api.example.com' }, 'baseUrl', 'INVALID_BASE_URL'],
    [{ baseUrl: undefined }, 'baseUrl', 'REQUIRED'],
    [{ windowMs: 0 }, 'windowMs', 'OUT_OF_RANGE'],
    [{ windowMs: '1000' }, 'windowMs', 'INVALID_TYPE'],
    [{ timeoutMs: 10 }, 'timeoutMs', 'OUT_OF_RANGE'],
    [{ cooldownMs: 1.5 }, 'cooldownMs', 'OUT_OF_RANGE'],
    [{ silenceMs: 500 }, 'silenceMs', 'OUT_OF_RANGE'],
    [{ maxBytes: 1e9 }, 'maxBytes', 'OUT_OF_RANGE'],
    [{ allow: [] }, 'allow', 'TOO_FEW'],
    [{ allow: ['sports'] }, 'allow[0]', 'INVALID_PATH_PATTERN'],
    [{ allow: ['/a', '/a/../b'] }, 'allow[1]', 'INVALID_PATH_PATTERN'],
    [{ allow: ['/a/**/b'] }, 'allow[0]', 'INVALID_PATH_PATTERN'],
    [{ allow: ['/a*'] }, 'allow[0]', 'INVALID_PATH_PATTERN'],
    [{ allow: ['/a?b'] }, 'allow[0]', 'INVALID_PATH_PATTERN'],
    [{ allow: '/a' }, 'allow', 'INVALID_TYPE'],
    [{ volatileParameters: [''] }, 'volatileParameters[0]', 'BLANK'],
    [{ credential: { variable: 'PROXY_SECRET_A' } }, 'credential', 'ONE_OF'],
    [{ credential: { header: 'X-Key', query: 'key', variable: 'PROXY_SECRET_A' } }, 'credential', 'ONE_OF'],
    [{ credential: { header: 'Host', variable: 'PROXY_SECRET_A' } }, 'credential.header', 'INVALID_HEADER'],
    [{ credential: { header: 'X Key', variable: 'PROXY_SECRET_A' } }, 'credential.header', 'INVALID_HEADER'],
    [{ credential: { header: 'X-Key', variable: 'DATABASE_URL' } }, 'credential.variable', 'INVALID_VARIABLE'],
    [{ credential: { header: 'X-Key', variable: 'PROXY_SECRET_' } }, 'credential.variable', 'INVALID_VARIABLE'],
    [
      { credential: { header: 'X-Key', variable: 'PROXY_SECRET_A', secret: 'x' } },
      'credential.secret',
      'UNKNOWN_FIELD',
    ],
    [{ secret: 'x' }, 'secret', 'UNKNOWN_FIELD'],
  ])('with %j is refused at %s: %s', (change, path, code) => {
    expect(problems(change)).toEqual([{ path, code }]);
  });
});
