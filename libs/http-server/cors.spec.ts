import { describe, expect, it, test } from 'vitest';
import { Cors, type CorsPolicy, parseOrigins } from './cors.js';

const POLICY: CorsPolicy = {
  origins: ['https://console.example.com'],
  methods: 'GET, POST',
  requestHeaders: 'Authorization',
  exposedHeaders: 'ETag',
  credentials: true,
};

describe('a preflight', () => {
  const cors = new Cors({ ...POLICY, requestHeaders: 'Authorization, Content-Type' });
  const problem = (origin: string, method: string, headers?: string) => {
    const found = cors.preflightProblem({
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
      },
    });
    return found && `${found.code}: ${found.detail}`;
  };
  const ORIGIN = 'https://console.example.com';

  test.each([
    [ORIGIN, 'POST', undefined],
    [ORIGIN, 'GET', 'content-type'],
    [ORIGIN, 'post', 'AUTHORIZATION,  content-type'],
    [ORIGIN, 'POST', ''],
  ])('of %s for %s with %j is allowed', (origin, method, headers) => {
    expect(problem(origin, method, headers)).toBeUndefined();
  });

  test.each([
    [
      'https://evil.example',
      'POST',
      'content-type',
      'ORIGIN_NOT_ALLOWED: pages of "https://evil.example" may not call this server; its operator can add that origin to ALLOWED_ORIGINS',
    ],
    [ORIGIN, 'DELETE', '', 'METHOD_NOT_ALLOWED: "DELETE" is not allowed here; expected GET, POST'],
    [
      ORIGIN,
      'POST',
      'content-type,x-one,x-two',
      'HEADERS_NOT_ALLOWED: a page may not send the headers "x-one", "x-two"; it may send Authorization, Content-Type',
    ],
  ])('of %s for %s with %j is refused, and says why', (origin, method, headers, expected) => {
    expect(problem(origin, method, headers)).toBe(expected);
  });
});

describe('an allow-list of origins', () => {
  const cors = new Cors(POLICY);

  it('names an allowed origin, with credentials', () => {
    expect(cors.headersFor('https://console.example.com')).toEqual({
      Vary: 'Origin',
      'Access-Control-Allow-Origin': 'https://console.example.com',
      'Access-Control-Expose-Headers': 'ETag',
      'Access-Control-Allow-Credentials': 'true',
    });
    expect(cors.preflightHeaders('https://console.example.com')).toMatchObject({
      'Access-Control-Allow-Methods': 'GET, POST',
    });
  });

  test.each([
    'http://console.example.com',
    'https://console.example.com:8443',
    'https://console.example.com.evil.example',
    'https://evil.example/console.example.com',
    'https://CONSOLE.example.com',
    'null',
    '*',
    '',
    undefined,
  ])('reflects nothing to %j', (origin) => {
    expect(cors.headersFor(origin)).toEqual({ Vary: 'Origin' });
    expect(cors.preflightHeaders(origin)).toEqual({});
  });

  it('any origin is never combined with credentials', () => {
    expect(() => new Cors({ ...POLICY, origins: 'any' })).toThrow('credentials');
    expect(new Cors({ ...POLICY, origins: 'any', credentials: false }).headersFor('https://a.example')).toEqual({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'ETag',
    });
  });
});

test('a list of whole origins is read', () => {
  expect(parseOrigins('')).toEqual([]);
  expect(parseOrigins('https://a.example, http://localhost:5173')).toEqual([
    'https://a.example',
    'http://localhost:5173',
  ]);
});

test.each([
  '*',
  'a.example',
  'https://a.example/',
  'https://a.example/path',
  'https://*.example',
  'https://a.example:443',
  'ftp://a.example',
  'https://user@a.example',
  'null',
])('%s is no origin', (text) => {
  expect(parseOrigins(`https://ok.example,${text}`)).toBeUndefined();
});
