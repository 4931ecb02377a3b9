import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayoutBody } from '@paddock/contracts';
import { clientKey, layout, promo, redisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { promoKeys, TestEdge } from './test-edge.js';

const HOME: LayoutBody = {
  page: 'home',
  slots: [
    { name: 'hero', items: [{ promo: 'welcome' }, { promo: 'not-there' }] },
    {
      name: 'grid',
      items: [
        { promos: { tags: ['home'], limit: 2 } },
        { component: 'banner', props: { tone: 'calm' } },
        { markets: { sport: 'football', limit: 5 } },
      ],
    },
    { name: 'empty', items: [] },
  ],
};
const LONG_TEXT = `${'Bet **responsibly**. '.repeat(80)}[Terms](/terms)`;

const area = redisPrefix();
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let publisher: TestPublisher;
let edge: TestEdge;

beforeAll(async () => {
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, area.prefix);
  await publisher.settings({
    clientKeys: [
      clientKey('uk-key', { site: 'acme-uk', jurisdiction: 'GB', scopes: ['read'] }),
      clientKey('open-key', { id: 'key-2', scopes: ['read'] }),
      clientKey('receipts-key', { id: 'key-3', scopes: ['receipts'] }),
    ],
  });
  await publisher.publish([
    promo('acme-uk', 'welcome', { title: 'Welcome', text: LONG_TEXT, cta: { label: 'Join', href: '/join' } }),
    promo('*', 'everywhere', { title: 'Everywhere', tags: ['home'], priority: 3 }),
    promo('acme-uk', 'everywhere', { title: 'Our own', tags: ['home'], priority: 1 }),
    promo('acme-uk', 'vip', { title: 'VIP', tags: ['home'], priority: 9, audience: { segments: ['vip'] } }),
    promo('acme-uk', 'german', { title: 'Hallo', tags: ['home'], priority: 5, audience: { jurisdictions: ['DE'] } }),
    promo('acme-uk', 'plain', { title: 'Plain', tags: ['home', 'more'] }),
    layout('acme-uk', 'home', HOME),
    layout('*', 'about', { page: 'about', slots: [{ name: 'main', items: [{ component: 'about' }] }] }),
  ]);
  edge = await TestEdge.start({ redisUrl: area.url, prefix: area.prefix, stateDir: directory.path });
  await until(async () => (await edge.seq()) === 1);
});

afterAll(async () => {
  await edge.close();
  publisher.close();
  await area.clear();
  await directory.remove();
});

describe('a page', () => {
  it("is put together as the layout says, with the site's own documents before those for all sites", async () => {
    const response = await edge.layout();
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text())).toEqual({
      site: 'acme-uk',
      page: 'home',
      environment: 'production',
      validUntil: null,
      slots: [
        {
          name: 'hero',
          items: [
            {
              type: 'promo',
              key: 'welcome',
              title: 'Welcome',
              text: expect.any(Array),
              cta: { label: 'Join', href: '/join' },
            },
          ],
        },
        {
          name: 'grid',
          items: [
            { type: 'promo', key: 'everywhere', title: 'Our own', tags: ['home'] },
            { type: 'promo', key: 'plain', title: 'Plain', tags: ['home', 'more'] },
            { type: 'component', component: 'banner', props: { tone: 'calm' } },
            { type: 'markets', query: { sport: 'football', limit: 5 }, markets: [] },
          ],
        },
        { name: 'empty', items: [] },
      ],
    });
  });

  it('for all sites is there on each of them', async () => {
    const response = await edge.get('/v1/production/sites/acme-de/layouts/about');
    expect(JSON.parse(await response.text())).toMatchObject({
      site: 'acme-de',
      page: 'about',
      slots: [{ items: [{ component: 'about' }] }],
    });
  });

  it('goes by what the visitor says', async () => {
    expect(await promoKeys(await edge.layout('?segments=new,vip&locale=en-GB&device=mobile&visitor=v1'))).toEqual([
      'welcome',
      'vip',
      'everywhere',
    ]);
    expect(await promoKeys(await edge.layout('?locale=&jurisdiction=&device=&segments=&visitor='))).toEqual([
      'welcome',
      'everywhere',
      'plain',
    ]);
  });

  it('goes by the jurisdiction of the key, whatever the visitor types', async () => {
    expect(await promoKeys(await edge.layout('?jurisdiction=DE'))).toContain('german');
    expect(await promoKeys(await edge.layout('?jurisdiction=DE', { 'Paddock-Client-Key': 'open-key' }))).toContain(
      'german',
    );
    expect(await promoKeys(await edge.layout('?jurisdiction=DE', { 'Paddock-Client-Key': 'uk-key' }))).not.toContain(
      'german',
    );
  });
});

describe('the head of an answer', () => {
  it('names the release, how long to keep it, and what it depends upon', async () => {
    const { headers } = await edge.layout('', { 'Accept-Encoding': 'identity' });
    expect(Object.fromEntries(headers)).toMatchObject({
      etag: expect.stringMatching(/^"[\w-]{27}"$/),
      'paddock-seq': '1',
      'cache-control': 'public, max-age=1, must-revalidate',
      vary: 'Accept-Encoding, Paddock-Client-Key',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'ETag, Paddock-Seq, Retry-After, X-Request-Id',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; frame-ancestors 'none'/),
      'content-type': 'application/json; charset=utf-8',
    });
  });

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('%s carries the same content under a tag of its own', async (encoding, decompress) => {
    const plain = await edge.layout('', { 'Accept-Encoding': 'identity' });
    const raw = await rawGet(`${edge.url}/v1/production/sites/acme-uk/layouts/home`, { 'Accept-Encoding': encoding });
    expect(raw.headers['content-encoding']).toBe(encoding);
    expect(raw.headers['content-length']).toBe(String(raw.body.length));
    expect(decompress(raw.body).toString()).toBe(await plain.text());
    const tag = plain.headers.get('etag')?.slice(0, -1);
    expect(raw.headers.etag).toBe(`${tag}-${encoding}"`);
  });

  it('answers 304 to a tag that names exactly this representation', async () => {
    const etag = (await edge.layout('', { 'Accept-Encoding': 'identity' })).headers.get('etag') ?? '';
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await edge.layout('', { 'If-None-Match': given, 'Accept-Encoding': 'identity' });
      expect([given, response.status, await response.text()]).toEqual([given, 304, '']);
      expect(response.headers.get('etag')).toBe(etag);
    }
    expect((await edge.layout('', { 'If-None-Match': etag, 'Accept-Encoding': 'br' })).status).toBe(200);
    expect((await edge.layout('', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('to HEAD is that of GET, without a body', async () => {
    const url = '/v1/production/sites/acme-uk/layouts/home';
    const head = await edge.get(url, { 'Accept-Encoding': 'identity' }, 'HEAD');
    const get = await edge.get(url, { 'Accept-Encoding': 'identity' });
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(await get.text())));
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
  });

  it('lets browsers ask with a client key from any page', async () => {
    const preflight = await edge.get(
      '/v1/production/sites/acme-uk/layouts/home',
      { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'GET' },
      'OPTIONS',
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Paddock-Client-Key');
  });
});

describe('a schedule', () => {
  it('shows and hides on the second, without a publish, and no cache may outlive it', async () => {
    const from = new Date(Date.now() + 5_000).toISOString().slice(0, 19);
    const startsAt = Date.parse(`${from}Z`);
    await publisher.publish([
      promo('acme-uk', 'soon', { title: 'Soon', schedule: { from, timeZone: 'UTC' } }),
      layout('acme-uk', 'timed', { page: 'timed', slots: [{ name: 'main', items: [{ promo: 'soon' }] }] }),
    ]);
    const url = '/v1/production/sites/acme-uk/layouts/timed';
    await until(async () => (await edge.get(url)).status === 200);
    const absent: { asked: number; keptUntil: number; validUntil: number }[] = [];
    const shown = await until(async () => {
      const asked = Date.now();
      const response = await edge.get(url);
      const body: { validUntil: string; slots: { items: object[] }[] } = JSON.parse(await response.text());
      if (body.slots[0]?.items.length === 1) return { answered: Date.now() };
      const seconds = response.headers.get('cache-control')?.match(/\d+/g) ?? [];
      absent.push({
        asked,
        keptUntil: asked + 1_000 * seconds.reduce((sum, each) => sum + Number(each), 0),
        validUntil: Date.parse(body.validUntil),
      });
      return undefined;
    });
    // Judged by when it was asked and answered: both ends have the same clock.
    expect(shown.answered).toBeGreaterThanOrEqual(startsAt);
    expect(absent).not.toEqual([]);
    expect(
      absent.filter(
        ({ asked, keptUntil, validUntil }) => asked >= startsAt || keptUntil > startsAt || validUntil !== startsAt,
      ),
    ).toEqual([]);
  });
});

describe('a release', () => {
  it('that concerns another page changes no tag, only the seq', async () => {
    const before = (await edge.layout()).headers;
    const change = await publisher.publish([promo('acme-uk', 'unrelated', { title: 'Elsewhere', tags: ['other'] })]);
    await until(async () => (await edge.seq()) === change.seq);
    expect((await edge.layout()).headers.get('etag')).toBe(before.get('etag'));
  });

  it('taken back gives the same bytes as before', async () => {
    const before = await edge.layout('?segments=vip');
    const tag = before.headers.get('etag');
    const bytes = await before.text();
    await publisher.publish([promo('acme-uk', 'vip', { title: 'Changed', tags: ['home'], priority: 9 })]);
    await until(async () => (await (await edge.layout('?segments=vip')).text()) !== bytes);
    await publisher.publish([
      promo('acme-uk', 'vip', { title: 'VIP', tags: ['home'], priority: 9, audience: { segments: ['vip'] } }),
    ]);
    await until(async () => (await edge.seq()) === publisher.seq);
    const after = await edge.layout('?segments=vip');
    expect([await after.text(), after.headers.get('etag')]).toEqual([bytes, tag]);
  });
});

describe('a request that is wrong', () => {
  const path = '/v1/production/sites/acme-uk/layouts/home';
  it.each([
    [
      'an environment that is not there',
      '/v1/nowhere/sites/acme-uk/layouts/home',
      {},
      404,
      'UNKNOWN_ENVIRONMENT',
      'nowhere',
    ],
    ['a site that is not there', '/v1/production/sites/acme-fr/layouts/home', {}, 404, 'UNKNOWN_SITE', 'acme-fr'],
    ['a page that is not there', '/v1/production/sites/acme-uk/layouts/attic', {}, 404, 'UNKNOWN_PAGE', 'attic'],
    ['an unknown parameter', `${path}?colour=red`, {}, 400, 'INVALID_PARAMETERS', 'colour'],
    ['a parameter given twice', `${path}?device=app&device=app`, {}, 400, 'INVALID_PARAMETERS', 'device'],
    ['an invalid locale', `${path}?locale=english_uk`, {}, 400, 'INVALID_PARAMETERS', 'locale'],
    ['an invalid jurisdiction', `${path}?jurisdiction=gb`, {}, 400, 'INVALID_PARAMETERS', 'jurisdiction'],
    ['a code that ISO 3166 does not assign', `${path}?jurisdiction=UK`, {}, 400, 'INVALID_PARAMETERS', 'jurisdiction'],
    ['an unknown device', `${path}?device=toaster`, {}, 400, 'INVALID_PARAMETERS', 'device'],
    ['a segment that is no key', `${path}?segments=VIP`, {}, 400, 'INVALID_PARAMETERS', 'segments'],
    [
      '51 segments',
      `${path}?segments=${Array.from({ length: 51 }, (_, index) => `s${index}`).join(',')}`,
      {},
      400,
      'INVALID_PARAMETERS',
      'segments',
    ],
    ['a visitor that is too long', `${path}?visitor=${'v'.repeat(129)}`, {}, 400, 'INVALID_PARAMETERS', 'visitor'],
    ['NUL', `${path}?visitor=%00`, {}, 400, 'INVALID_PARAMETERS', 'visitor'],
    ['an invalid percent-encoding', `${path}?visitor=%zz`, {}, 400, 'INVALID_PARAMETERS', 'visitor: "%zz"'],
    ['the same in a name', `${path}?%zz=1`, {}, 400, 'INVALID_PARAMETERS', '%zz'],
    ['the same in the path', '/v1/production/sites/%E0%A4%A/layouts/home', {}, 400, 'MALFORMED_URL', '%E0'],
    ['a path that leaves', '/v1/production/sites/..%2f..%2fetc/layouts/passwd', {}, 404, 'UNKNOWN_SITE', 'etc'],
    ['a URL that is too long', `${path}?visitor=${'v'.repeat(2_100)}`, {}, 414, 'URL_TOO_LONG', '2048'],
    ['an unknown key', path, { 'Paddock-Client-Key': 'guess' }, 401, 'UNKNOWN_CLIENT_KEY', 'key'],
    ['a key without the scope', path, { 'Paddock-Client-Key': 'receipts-key' }, 403, 'SCOPE_MISSING', 'read'],
    [
      "another site than the key's",
      '/v1/production/sites/acme-de/layouts/home',
      { 'Paddock-Client-Key': 'uk-key' },
      403,
      'OTHER_SITE',
      'acme-uk',
    ],
  ])('with %s is refused, clearly', async (_what, url, headers, status, code, named) => {
    const response = await edge.get(url, headers);
    const problem: { status: number; code: string; detail: string } = JSON.parse(await response.text());
    expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(problem.detail).toContain(named);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.[jt]s:\d/);
  });

  it('names every wrong parameter at once', async () => {
    const problem: { errors: { field: string }[] } = JSON.parse(
      await (await edge.get(`${path}?x=1&visitor=%zz&locale=_&device=_`)).text(),
    );
    expect(problem.errors.map(({ field }) => field)).toEqual(['visitor', 'x', 'locale', 'device']);
  });

  it('with another method gets the allowed methods', async () => {
    const response = await edge.get(path, {}, 'DELETE');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('to an unknown path gets 404', async () => {
    const response = await edge.get('/v2/anything');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });

  it('with 20 KB of headers is refused without a stack', async () => {
    expect(await rawTalk(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [^]*"code":"HEADERS_TOO_LARGE"/,
    );
  });

  it('that is no HTTP is refused without a stack', async () => {
    expect(await rawTalk('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/);
  });
});

describe('settings', () => {
  it('that close an environment to anonymous readers do so at once, also for pages that are known', async () => {
    expect((await edge.layout()).status).toBe(200);
    await publisher.settings({ anonymousReads: false, clientKeys: [clientKey('uk-key', { site: 'acme-uk' })] });
    await until(async () => (await edge.layout()).status === 401);
    expect((await edge.layout('', { 'Paddock-Client-Key': 'uk-key' })).status).toBe(200);
    await publisher.settings({ anonymousReads: false });
    await until(async () => (await edge.layout('', { 'Paddock-Client-Key': 'uk-key' })).status === 401);
    await publisher.settings();
    await until(async () => (await edge.layout()).status === 200);
  });
});

/** As it came over the wire: `fetch` decompresses. */
function rawGet(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
    })
      .on('error', reject)
      .end();
  });
}

function rawTalk(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (piece) => (answer += piece.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
