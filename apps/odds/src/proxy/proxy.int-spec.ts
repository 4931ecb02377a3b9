import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { type IncomingHttpHeaders, request as rawRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '@paddock/testing';
import { respond } from '../testing/fake-upstream.js';
import { ALLOWED_ORIGIN, PROXY_KEY, type ProxyProcess, ProxyRig, READ_KEY, SECRET } from '../testing/proxy-rig.js';

let rig: ProxyRig;

beforeEach(async () => {
  rig = await ProxyRig.create();
});
afterEach(async () => rig.dispose());

/** What a problem says, and its status. */
async function problem(
  response: Response,
): Promise<{ status: number; code: string; text: string; body: Record<string, unknown> }> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const text = await response.text();
  const body: Record<string, unknown> = JSON.parse(text);
  return { status: response.status, code: String(body['code']), text, body };
}

/** An answer as it came, packed or not, which `fetch` would unpack. */
function rawAnswer(
  url: string,
  path: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    rawRequest(
      { hostname, port, path, method, headers: { 'paddock-client-key': PROXY_KEY, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          );
      },
    )
      .on('error', reject)
      .end();
  });
}

/** Sends a request target as it is, which `fetch` would tidy up first. */
function raw(
  url: string,
  path: string,
  { method = 'GET', key = PROXY_KEY } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    rawRequest({ hostname, port, path, method, headers: { 'paddock-client-key': key } }, (response) => {
      let body = '';
      response
        .on('data', (chunk) => (body += String(chunk)))
        .on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('one request for all', () => {
  test('a thousand callers at once in two processes cost one upstream request, and all get the same bytes', async () => {
    rig.upstream.answer = (_request, response) => void setTimeout(() => respond(response, { price: 2380 }), 100);
    const [one, two] = [await rig.start(), await rig.start()];
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_, at) => (await (at % 2 ? one : two).get(`/odds?b=2&a=1&_=${at}`)).text()),
    );
    expect(new Set(answers)).toEqual(new Set(['{"price":2380}']));
    expect(rig.upstream.asked.map(({ url }) => url)).toEqual(['/v4/odds?a=1&b=2']);
  });

  test('two processes share every window: at most one request in each, whichever process asks', async () => {
    const windowMs = 200;
    const [one, two] = [
      await rig.start({ windowMs, silenceMs: 20_000 }),
      await rig.start({ windowMs, silenceMs: 20_000 }),
    ];
    const begun = Date.now();
    const end = begun + 2_000;
    const poll = async (process: ProxyProcess): Promise<void> => {
      while (Date.now() < end) expect((await process.get('/odds')).status).toBe(200);
    };
    await Promise.all([poll(one), poll(two), poll(one), poll(two)]);
    const { asked } = rig.upstream;
    expect(asked.length).toBeGreaterThan(3);
    // Windows are those of the clock that let the request out; on its way it may cross a boundary, so count over all. The
    // last answers may come late.
    expect(asked.length).toBeLessThanOrEqual(Math.ceil((Date.now() - begun) / windowMs) + 2);
  });

  test('the next window asks with what is known, and a 304 makes it fresh again', async () => {
    const windowMs = 150;
    rig.upstream.answer = (request, response) =>
      request.headers['if-none-match'] === '"v1"'
        ? response.writeHead(304).end()
        : respond(response, { price: 1 }, 200, { etag: '"v1"' });
    const process = await rig.start({ windowMs, silenceMs: 5_000 });
    await until(async () => {
      expect(await (await process.get('/odds')).text()).toBe('{"price":1}');
      return rig.upstream.asked.length >= 3;
    });
    expect(rig.upstream.asked.slice(1).every(({ headers }) => headers['if-none-match'] === '"v1"')).toBe(true);
    const age = Number((await process.get('/odds')).headers.get('paddock-data-age-ms'));
    expect(age).toBeLessThan(5_000);
  });

  test('different questions stay apart, also when only their order within one name differs', async () => {
    const process = await rig.start();
    for (const path of ['/odds?m=1&m=2', '/odds?m=2&m=1', '/odds', '/odds/']) await (await process.get(path)).text();
    expect(rig.upstream.asked).toHaveLength(4);
  });
});

describe('callers that disconnect', () => {
  test('the first one’s disconnection fails no other caller', async () => {
    const held = Promise.withResolvers<undefined>();
    rig.upstream.answer = (_request, response) => void held.promise.then(() => respond(response, { price: 7 }));
    const process = await rig.start();
    const first = new AbortController();
    const gone = process.get('/odds', { signal: first.signal });
    await until(() => rig.upstream.asked.length === 1);
    const others = Array.from({ length: 5 }, () => process.get('/odds'));
    first.abort();
    await expect(gone).rejects.toThrow();
    held.resolve(undefined);
    for (const other of others) expect(await (await other).json()).toEqual({ price: 7 });
    expect(rig.upstream.asked).toHaveLength(1);
    expect(rig.upstream.cancelled).toEqual([]);
  });

  test('when the last one leaves, the request is cancelled; who comes in the next window is answered', async () => {
    rig.upstream.answer = () => undefined;
    const process = await rig.start({ windowMs: 400, silenceMs: 5_000 });
    const leaving = new AbortController();
    const gone = Promise.all([1, 2, 3].map(() => process.get('/odds', { signal: leaving.signal })));
    await until(() => rig.upstream.asked.length === 1);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await until(() => rig.upstream.cancelled.length === 1);
    rig.upstream.answer = (_request, response) => respond(response, { price: 3 });
    expect(await (await process.get('/odds')).json()).toEqual({ price: 3 });
    expect(rig.upstream.asked).toHaveLength(2);
  });

  test('a waiting caller in another process keeps the request alive', async () => {
    const held = Promise.withResolvers<undefined>();
    rig.upstream.answer = (_request, response) => void held.promise.then(() => respond(response, { price: 9 }));
    const [one, two] = [await rig.start(), await rig.start()];
    const leaving = new AbortController();
    const gone = one.get('/odds', { signal: leaving.signal });
    await until(() => rig.upstream.asked.length === 1);
    const other = two.get('/odds');
    // It waits once Redis counts it.
    await until(async () => (await rig.waitingElsewhere()) === 1);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    held.resolve(undefined);
    expect(await (await other).json()).toEqual({ price: 9 });
    expect(rig.upstream.asked).toHaveLength(1);
    expect(rig.upstream.cancelled).toEqual([]);
  });
});

describe('an upstream that is not well', () => {
  test('every waiter in every process gets the same outcome', async () => {
    rig.upstream.answer = (_request, response) => void setTimeout(() => respond(response, { oops: true }, 500), 100);
    const [one, two] = [await rig.start(), await rig.start()];
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, at) => problem(await (at % 2 ? one : two).get('/odds'))),
    );
    expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['503 UPSTREAM_ERROR']));
    expect(answers[0]?.body).toMatchObject({ upstream: 'odds', lastGoodAt: null });
    expect(rig.upstream.asked).toHaveLength(1);
  });

  test('that is slow is waited for no longer than its limit, once', async () => {
    rig.upstream.answer = () => undefined;
    const process = await rig.start({ timeoutMs: 200 });
    const answers = await Promise.all([1, 2, 3].map(async () => problem(await process.get('/odds'))));
    expect(answers.map(({ status, code }) => [status, code])).toEqual(
      Array.from({ length: 3 }, () => [504, 'UPSTREAM_TIMEOUT']),
    );
    expect(rig.upstream.asked).toHaveLength(1);
    await until(() => rig.upstream.cancelled.length === 1);
  });

  test('while it is slow, the answer of the window before is shown at once', async () => {
    // Repeated within two windows counts as polling. The windows are long, so that a pause of this machine does not matter.
    const process = await rig.start({ windowMs: 2_000, silenceMs: 60_000, timeoutMs: 10_000 });
    await (await process.get('/odds')).text();
    rig.upstream.answer = (_request, response) => void setTimeout(() => respond(response, { late: true }), 600);
    const seen = new Set<string | null>();
    await until(async () => {
      const response = await process.get('/odds');
      seen.add(response.headers.get('paddock-cache'));
      return (await response.text()).includes('late');
    });
    expect(seen).toContain('UPDATING');
    expect(seen).not.toContain('MISS');
  });

  test('that fails three times in a row is left in peace, in all processes, and then asked by one', async () => {
    rig.upstream.answer = (request) => void request.socket.destroy();
    const change = { cooldownMs: 4_000 };
    const [one, two] = [await rig.start(change), await rig.start(change)];
    for (const path of ['/a', '/b', '/c'])
      expect((await problem(await one.get(path))).code).toBe('UPSTREAM_UNREACHABLE');
    const before = rig.upstream.asked.length;
    const refused = await problem(await two.get('/d'));
    expect([refused.status, refused.code]).toEqual([503, 'UPSTREAM_RESTING']);
    expect(rig.upstream.asked).toHaveLength(before);
    rig.upstream.answer = (_request, response) => respond(response, { back: true });
    await until(async () => (await two.get(`/e${Math.random()}`)).status === 200);
    expect((await one.get('/f')).status).toBe(200);
  });

  test.each([
    ['429 with seconds', 429, () => '4'],
    ['503 with a date', 503, () => new Date(Date.now() + 5_000).toUTCString()],
  ])('that asks to be left alone (%s) is, by all and for all questions', async (_name, status, retryAfter) => {
    rig.upstream.answer = (_request, response) => respond(response, {}, status, { 'retry-after': retryAfter() });
    const [one, two] = [await rig.start(), await rig.start()];
    const first = await one.get('/a');
    expect(first.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await problem(first)).code).toBe('UPSTREAM_THROTTLED');
    const until_ = Date.now() + 500;
    while (Date.now() < until_)
      expect((await problem(await two.get(`/b${Math.random()}`))).code).toBe('UPSTREAM_RESTING');
    expect(rig.upstream.asked).toHaveLength(1);
    rig.upstream.answer = (_request, response) => respond(response, { ok: true });
    await until(async () => (await two.get(`/c${Math.random()}`)).status === 200);
  });

  test('what it last said is shown, marked as stale, until the silence limit, and never after it', async () => {
    const silenceMs = 3_000;
    const process = await rig.start({ windowMs: 100, silenceMs, cooldownMs: 60_000 });
    const begun = Date.now();
    await (await process.get('/odds')).text();
    const answered = Date.now();
    rig.upstream.answer = (_request, response) => respond(response, {}, 500);
    const shown: { ageMs: number; age: number; cache: string | null }[] = [];
    const refused = await until(async () => {
      const response = await process.get('/odds');
      if (response.status !== 200) return response;
      const [ageMs, age] = ['paddock-data-age-ms', 'age'].map((name) => Number(response.headers.get(name)));
      shown.push({ ageMs: ageMs ?? NaN, age: age ?? NaN, cache: response.headers.get('paddock-cache') });
      await response.text();
      return undefined;
    });
    expect(shown.filter(({ ageMs, age }) => !(ageMs <= silenceMs) || age !== Math.floor(ageMs / 1_000))).toEqual([]);
    expect(shown.map(({ cache }) => cache)).toContain('STALE');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(silenceMs);
    const { status, body } = await problem(refused);
    expect(status).toBe(503);
    const lastGoodAt = Date.parse(String(body['lastGoodAt']));
    expect(lastGoodAt).toBeGreaterThanOrEqual(begun);
    expect(lastGoodAt).toBeLessThanOrEqual(answered);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('the age that it admits itself counts as age', async () => {
    rig.upstream.answer = (_request, response) => respond(response, {}, 200, { age: '30' });
    const [patient, strict] = [await rig.start({ silenceMs: 600_000 }), await rig.start({ silenceMs: 600_000 })];
    expect(Number((await patient.get('/odds')).headers.get('age'))).toBeGreaterThanOrEqual(30);
    strict.service.upstreams
      .prepare([{ key: 'odds', body: rig.body({ windowMs: 20_000, silenceMs: 20_000 }) }])
      .takeOver();
    expect((await strict.get('/other')).status).toBe(503);
  });
});

describe('what an upstream may not do', () => {
  test.each([
    [
      'lead elsewhere',
      502,
      'UPSTREAM_REDIRECTS',
      (): [number, Record<string, string>, Buffer] => [
        302,
        { location: 'http://169.254.169.254/latest' },
        Buffer.alloc(0),
      ],
    ],
    [
      'send more than is taken',
      502,
      'UPSTREAM_TOO_LARGE',
      (): [number, Record<string, string>, Buffer] => [200, {}, Buffer.alloc(3_000)],
    ],
    [
      'send little that unpacks to much',
      502,
      'UPSTREAM_TOO_LARGE',
      (): [number, Record<string, string>, Buffer] => [
        200,
        { 'content-encoding': 'gzip' },
        gzipSync(Buffer.alloc(1 << 20)),
      ],
    ],
    [
      'repeat our credential',
      502,
      'UPSTREAM_UNREADABLE',
      (): [number, Record<string, string>, Buffer] => [400, {}, Buffer.from(`invalid key ${SECRET}`)],
    ],
    [
      'pretend that nothing changed',
      502,
      'UPSTREAM_UNREADABLE',
      (): [number, Record<string, string>, Buffer] => [304, {}, Buffer.alloc(0)],
    ],
    [
      'pack in ways unknown',
      502,
      'UPSTREAM_UNREADABLE',
      (): [number, Record<string, string>, Buffer] => [200, { 'content-encoding': 'zstd' }, Buffer.from('x')],
    ],
    [
      'refuse us as if the client were meant',
      502,
      'UPSTREAM_DENIED',
      (): [number, Record<string, string>, Buffer] => [401, {}, Buffer.from('no')],
    ],
  ])('%s', async (_name, status, code, answer) => {
    rig.upstream.answer = (_request, response) => {
      const [upstreamStatus, headers, body] = answer();
      response.writeHead(upstreamStatus, headers).end(body);
    };
    const process = await rig.start({
      maxBytes: 2_048,
      credential: { header: 'X-Api-Key', variable: 'PROXY_SECRET_ODDS' },
    });
    const answered = await problem(await process.get('/odds'));
    expect([answered.status, answered.code]).toEqual([status, code]);
    expect(answered.text).not.toContain(SECRET);
    expect(answered.text).not.toContain('127.0.0.1');
  });

  test('its headers stay with us, but for those of the body; a 404 is an answer like another', async () => {
    rig.upstream.answer = (_request, response) =>
      respond(response, { found: false }, 404, {
        'set-cookie': 'a=b',
        'x-ratelimit': '1',
        connection: 'x-hop',
        'x-hop': '1',
        'content-language': 'en',
        'access-control-allow-origin': 'https://evil',
      });
    const response = await (await rig.start()).get('/odds', { headers: { origin: 'https://evil' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ found: false });
    for (const name of ['set-cookie', 'x-ratelimit', 'x-hop']) expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('content-language')).toBe('en');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('credentials', () => {
  test.each([
    [{ header: 'X-Api-Key', variable: 'PROXY_SECRET_ODDS' }, '/v4/odds?a=1', SECRET],
    [{ query: 'apiKey', variable: 'PROXY_SECRET_ODDS' }, `/v4/odds?a=1&apiKey=${SECRET}`, undefined],
  ])('are added by us (%j), and the client’s own never get through', async (credential, url, header) => {
    const process = await rig.start({ credential });
    const response = await process.get('/odds?apiKey=mine&a=1&token=t', {
      headers: { 'x-api-key': 'mine', authorization: 'Bearer mine', cookie: 'c=1' },
    });
    expect(response.status).toBe(200);
    const [asked] = rig.upstream.asked;
    expect(asked?.url).toBe(url);
    expect(asked?.headers['x-api-key']).toBe(header);
    for (const name of ['authorization', 'cookie', 'paddock-client-key']) expect(asked?.headers[name]).toBeUndefined();
    expect(JSON.stringify([...response.headers])).not.toContain(SECRET);
  });

  test('that are not set, or not for the proxy, make the upstream unusable, and what was there stays', async () => {
    const process = await rig.start();
    const { upstreams } = process.service;
    const documents = (variable: string) => [
      { key: 'odds', body: rig.body({ credential: { header: 'X-Key', variable } }) },
    ];
    const reason = (given: Parameters<typeof upstreams.prepare>[0]): string | undefined =>
      upstreams.prepare(given).refused.get('odds');
    expect(reason(documents('PROXY_SECRET_MISSING'))).toContain('PROXY_SECRET_MISSING is not set');
    expect(reason(documents('DATABASE_URL'))).toContain('DATABASE_URL is not set');
    expect(reason([{ key: 'odds', body: { ...rig.body(), windowMs: 'x', allow: [] } }])).toMatch(
      /windowMs must be integer; \/allow must NOT have fewer/,
    );
    expect((await process.get('/odds')).status).toBe(200);
  });
});

describe('requests that are refused', () => {
  const long = `/v1/proxy/odds/sports/x/odds?a=${'x'.repeat(4_100)}`;

  test.each([
    ['/v1/proxy/none/x', 404, 'UNKNOWN_UPSTREAM'],
    ['/v1/proxy/', 404, 'UNKNOWN_UPSTREAM'],
    ['/v1/proxy/http://evil.example/', 404, 'UNKNOWN_UPSTREAM'],
    ['/v1/proxy/odds/private', 403, 'PATH_NOT_ALLOWED'],
    ['/v1/proxy/odds/sports', 403, 'PATH_NOT_ALLOWED'],
    ['/v1/proxy/odds/sports/a/b/odds', 403, 'PATH_NOT_ALLOWED'],
    ['/v1/proxy/odds', 403, 'PATH_NOT_ALLOWED'],
    ['/v1/proxy/odds/sports/../private', 400, 'REFUSED_URL'],
    ['/v1/proxy/odds/sports/%2e%2e/private', 400, 'REFUSED_URL'],
    ['/v1/proxy/odds/sports/..%2fprivate/odds', 400, 'REFUSED_URL'],
    ['/v1/proxy/odds/sports/%252e%252e/odds', 400, 'REFUSED_URL'],
    ['/v1/proxy/odds//evil.example/odds', 400, 'REFUSED_URL'],
    ['/v1/proxy/odds/sports/x/odds?a=%ff', 400, 'REFUSED_URL'],
    [long, 414, 'URL_TOO_LONG'],
  ])('%.50s → %s %s', async (path, status, code) => {
    const process = await rig.start({ allow: ['/sports/*/odds'] });
    const answered = await raw(process.url, path);
    expect({ status: answered.status, ...JSON.parse(answered.body) }).toMatchObject({ status, code });
    expect(rig.upstream.asked).toEqual([]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
    '%s is not allowed, because it could change something',
    async (method) => {
      const answered = await raw((await rig.start()).url, '/v1/proxy/odds/x', { method });
      expect([answered.status, JSON.parse(answered.body).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    },
  );

  test('without a key, with an unknown key, and with a key without the scope', async () => {
    const { url } = await rig.start();
    const get = async (headers: Record<string, string>) => {
      const { status, code } = await problem(await fetch(`${url}/v1/proxy/odds/x`, { headers }));
      return [status, code];
    };
    expect(await get({})).toEqual([401, 'CLIENT_KEY_REQUIRED']);
    expect(await get({ 'paddock-client-key': 'guess' })).toEqual([401, 'UNKNOWN_CLIENT_KEY']);
    expect(await get({ 'paddock-client-key': 'x'.repeat(5_000) })).toEqual([401, 'UNKNOWN_CLIENT_KEY']);
    expect(await get({ 'paddock-client-key': READ_KEY })).toEqual([403, 'SCOPE_MISSING']);
  });
});

describe('what clients may ask besides', () => {
  test('packed bytes, each form with a tag of its own, at the cost of no further request', async () => {
    const prices = Array.from({ length: 200 }, (_, id) => ({ id, price: 2_380 }));
    rig.upstream.answer = (_request, response) => respond(response, prices);
    const process = await rig.start();
    const ask = (headers: Readonly<Record<string, string>>, method = 'GET') =>
      rawAnswer(process.url, '/v1/proxy/odds/odds', method, headers);
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes: Buffer) => bytes };
    const tags = new Set<string>();
    for (const encoding of ['br', 'gzip', 'identity'] as const) {
      const { headers, body } = await ask({ 'accept-encoding': encoding === 'br' ? 'gzip, deflate, br' : encoding });
      expect(headers).toMatchObject({
        vary: 'Accept-Encoding, Paddock-Client-Key',
        'content-length': String(body.length),
        'content-type': 'application/json',
      });
      expect(headers['content-encoding'] ?? 'identity').toBe(encoding);
      expect(JSON.parse(unpack[encoding](body).toString())).toEqual(prices);
      const etag = headers.etag ?? '';
      tags.add(etag);
      expect(await ask({ 'accept-encoding': encoding, 'if-none-match': etag })).toMatchObject({
        status: 304,
        headers: { vary: 'Accept-Encoding, Paddock-Client-Key', etag },
        body: Buffer.alloc(0),
      });
      expect((await ask({ 'accept-encoding': encoding }, 'HEAD')).headers).toMatchObject({
        etag,
        'content-length': String(body.length),
      });
    }
    expect(tags.size).toBe(3);
    expect(rig.upstream.asked).toHaveLength(1);
  });

  test('whether it changed, the head alone, and from any page', async () => {
    const process = await rig.start();
    const first = await process.get('/odds');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    const again = await process.get('/odds', { headers: { 'if-none-match': `W/${etag}` } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect(again.headers.get('paddock-data-age-ms')).toMatch(/^\d+$/);
    const head = await process.get('/odds', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String('{"n":1}'.length),
      '',
    ]);
    const preflight = await fetch(`${process.url}/v1/proxy/odds/odds`, {
      method: 'OPTIONS',
      headers: { origin: ALLOWED_ORIGIN, 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'Paddock-Client-Key, If-None-Match, X-Request-Id, Traceparent',
    ]);
    expect(
      (await process.get('/odds', { headers: { origin: ALLOWED_ORIGIN } })).headers.get('access-control-allow-origin'),
    ).toBe(ALLOWED_ORIGIN);
    expect(rig.upstream.asked).toHaveLength(1);
  });
});
