import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  advanceStateHash,
  EMPTY_STATE,
  type Manifest,
  parseRef,
  type Receipt,
  RESERVED_CONSUMERS,
  sha256Hex,
} from '@paddock/contracts';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import { clientKey, layout, promo, redisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { EventReader } from './event-reader.js';
import { TestEdge } from './test-edge.js';

const area = redisPrefix();
const SYNC = { 'Paddock-Client-Key': 'sync-key' };
const SITE = { 'Paddock-Client-Key': 'site-key' };
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let publisher: TestPublisher;
let edge: TestEdge;
let reader: EventReader | undefined;

beforeAll(async () => {
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, area.prefix);
  await publisher.settings({
    clientKeys: [
      clientKey('sync-key'),
      clientKey('site-key', { id: 'key-2', site: 'acme-uk' }),
      clientKey('read-key', { id: 'key-3', scopes: ['read'] }),
      ...RESERVED_CONSUMERS.map((consumer) => clientKey(`key-of-${consumer}`, { id: consumer, consumer })),
    ],
  });
  await publisher.publish([
    layout('*', 'home', { page: 'home', slots: [{ name: 'main', items: [{ promos: { tags: ['home'], limit: 9 } }] }] }),
    layout('acme-uk', 'sport', { page: 'sport', slots: [{ name: 'main', items: [{ promo: 'named' }] }] }),
    promo('acme-de', 'german', { title: 'Hallo', tags: ['home'] }),
  ]);
  edge = await TestEdge.start({
    redisUrl: area.url,
    prefix: area.prefix,
    stateDir: directory.path,
    env: { EDGE_MAX_STREAMS: '3' },
  });
  await until(async () => (await edge.seq()) === 1);
  // The first state is read as a whole; changes are known from here on.
  for (let index = 0; index < 3; index += 1)
    await publisher.publish([promo('acme-uk', `p${index}`, { title: `P${index}`, tags: ['home'] })]);
  await until(async () => (await edge.seq()) === 4);
});

afterEach(() => {
  reader?.close();
  reader = undefined;
});

afterAll(async () => {
  await edge.close();
  publisher.close();
  await area.clear();
  await directory.remove();
});

const changes = (headers: Record<string, string> = {}, query = ''): Promise<EventReader> =>
  EventReader.open(`${edge.url}/v1/production/changes${query}`, headers);

interface ReleaseEvent {
  seq: number;
  type: string;
  pages: { site: string; page: string }[];
  stateHash: string;
  items?: object[];
}

const releaseEventOf = (data: string | undefined): ReleaseEvent => {
  const event: ReleaseEvent = JSON.parse(data ?? 'null');
  return event;
};

describe('the stream of changes', () => {
  it('tells of a release, the pages it changes on each site, and no documents without the scope', async () => {
    reader = await changes();
    const open = reader;
    expect(open.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await until(() => open.blocks.length === 1);
    const { seq } = publisher;
    expect(open.blocks[0]).toEqual({
      id: String(seq),
      event: 'head',
      data: JSON.stringify({ seq, current: seq }),
    });
    const change = await publisher.publish([promo('acme-uk', 'named', { title: 'Named', tags: ['home'] })]);
    const block = await until(() => open.blocks.find(({ event }) => event === 'release'));
    const event = releaseEventOf(block.data);
    expect(event).toEqual({
      seq: change.seq,
      type: 'FORWARD',
      landedAt: change.landedAt,
      pages: expect.arrayContaining([
        { site: 'acme-uk', page: 'home' },
        { site: 'acme-uk', page: 'sport' },
      ]),
      stateHash: change.stateHash,
    });
    expect(event.pages).toHaveLength(2);
    expect(block.id).toBe(String(change.seq));
  });

  it('tells the documents to those who may copy them, and only those of their site', async () => {
    reader = await changes(SITE);
    const open = reader;
    const change = await publisher.publish([
      promo('acme-de', 'other', { title: 'O', tags: ['home'] }),
      promo('*', 'all', { title: 'A', tags: ['home'] }),
    ]);
    const event = releaseEventOf((await until(() => open.blocks.find(({ event: name }) => name === 'release'))).data);
    expect(event.items).toEqual(change.items.filter(({ site }) => site === '*'));
    expect(event.pages).toEqual([{ site: 'acme-uk', page: 'home' }]);
  });

  it.each([
    ['Last-Event-ID', { 'Last-Event-ID': '2' }, ''],
    ['lastEventId', {}, '?lastEventId=2'],
  ])('resumes after %s without a gap or a repeat', async (_name, headers: Record<string, string>, query) => {
    reader = await changes(headers, query);
    const open = reader;
    const { seq } = await publisher.publish([promo('acme-uk', 'p1', { title: `again ${query}` })]);
    await until(() => open.releases.includes(seq));
    expect(open.releases).toEqual(Array.from({ length: seq - 2 }, (_, index) => index + 3));
  });

  it.each(['0', '999999', 'nonsense'])('resets a reader that says it is at %s', async (lastEventId) => {
    reader = await changes({ 'Last-Event-ID': lastEventId });
    const open = reader;
    const block = await until(() => open.blocks.find(({ event }) => event === 'reset'));
    expect(releaseEventOf(block.data)).toEqual({ seq: publisher.seq, stateHash: publisher.stateHash });
    expect(open.releases).toEqual([]);
  });

  it('answers HEAD at once, without a reader', async () => {
    const response = await fetch(`${edge.url}/v1/production/changes`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
    expect(await (await edge.operations('/metrics')).text()).toMatch(/paddock_edge_streams\{.*\} 0/);
  });

  it('takes no more readers than it may, and says when to come back', async () => {
    const readers = [await changes(), await changes(), await changes()];
    const fourth = await changes();
    expect([fourth.response.status, fourth.response.headers.get('retry-after')]).toEqual([503, '5']);
    for (const one of readers) one.close();
    await until(async () => {
      reader = await changes();
      return reader.response.status === 200;
    });
  });

  it('slow-reader: one that does not read is dropped, and others hear everything', async () => {
    reader = await changes();
    const open = reader;
    const lazy = connect(Number(new URL(edge.url).port), '127.0.0.1', () =>
      lazy.write('GET /v1/production/changes HTTP/1.1\r\nHost: x\r\nPaddock-Client-Key: sync-key\r\n\r\n'),
    );
    lazy.pause();
    let dropped = false;
    lazy.on('close', () => (dropped = true));
    lazy.on('error', () => (dropped = true));
    await until(async () => /paddock_edge_streams\{.*\} 2/.test(await (await edge.operations('/metrics')).text()));
    const first = publisher.seq + 1;
    const many = Array.from({ length: 2_000 }, (_, index) => promo('acme-uk', `bulk-${index}`, { title: 'x' }));
    for (let round = 0; round < 60 && !dropped; round += 1) {
      await publisher.publish(many.map((edit) => ({ ...edit, body: { title: `round ${round}` } })));
      await until(async () => (await edge.seq()) === publisher.seq);
      dropped ||= /paddock_edge_streams\{.*\} 1/.test(await (await edge.operations('/metrics')).text());
    }
    expect(dropped).toBe(true);
    await until(() => open.releases.at(-1) === publisher.seq);
    expect(open.releases).toEqual(Array.from({ length: publisher.seq - first + 1 }, (_, index) => first + index));
    lazy.destroy();
  });
});

describe('changes as a list', () => {
  it('come after a seq, with documents for those who may copy them', async () => {
    const { seq } = await publisher.publish([promo('acme-uk', 'listed', { title: 'L' })]);
    await until(async () => (await edge.seq()) === seq);
    const list: { from: number; to: number; changes: ReleaseEvent[] } = JSON.parse(
      await (await edge.get(`/v1/production/changes?since=${seq - 1}`, SYNC)).text(),
    );
    expect(list).toMatchObject({
      from: seq - 1,
      to: seq,
      changes: [{ seq, items: [{ kind: 'promo', site: 'acme-uk', key: 'listed', sha256: expect.any(String) }] }],
    });
    const anonymous: { changes: ReleaseEvent[] } = JSON.parse(
      await (await edge.get(`/v1/production/changes?since=${seq - 1}`)).text(),
    );
    expect(anonymous.changes[0]).not.toHaveProperty('items');
    expect(JSON.parse(await (await edge.get(`/v1/production/changes?since=${seq}`)).text())).toMatchObject({
      from: seq,
      to: seq,
      changes: [],
    });
  });

  it('that are no longer kept are gone, with the way to everything', async () => {
    const response = await edge.get('/v1/production/changes?since=0', SYNC);
    expect(response.status).toBe(410);
    expect(response.headers.get('link')).toBe('</v1/production/manifest>; rel="alternate"');
    expect(JSON.parse(await response.text())).toMatchObject({
      code: 'CHANGES_GONE',
      manifest: '/v1/production/manifest',
    });
  });

  it.each([
    ['?since=-1', 'since'],
    ['?since=x', 'since'],
    ['?until=3', 'until'],
  ])('are refused for %s', async (query, field) => {
    const response = await edge.get(`/v1/production/changes${query}`);
    expect([response.status, JSON.parse(await response.text())]).toMatchObject([400, { errors: [{ field }] }]);
  });
});

describe('a consumer with a copy of its own', () => {
  it('gets everything live from the manifest and the blobs, and can prove it', async () => {
    const response = await edge.get('/v1/production/manifest', SYNC);
    const manifest: Manifest = JSON.parse(await response.text());
    expect(manifest).toMatchObject({
      environment: 'production',
      epoch: 'epoch-1',
      seq: publisher.seq,
      stateHash: publisher.stateHash,
    });
    const steps = manifest.documents.flatMap(({ kind, site, key, sha256 }) => {
      const ref = parseRef(`${kind}/${site}/${key}`);
      return ref ? [{ ref, before: null, after: sha256 }] : [];
    });
    expect(advanceStateHash(EMPTY_STATE, steps)).toBe(manifest.stateHash);
    for (const { sha256 } of manifest.documents.slice(0, 5)) {
      const blob = await edge.get(`/v1/production/blobs/${sha256}`, SYNC);
      expect(blob.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect(sha256Hex(new Uint8Array(await blob.arrayBuffer()))).toBe(sha256);
    }
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toContain(`${publisher.seq}-${publisher.stateHash}`);
    expect((await edge.get('/v1/production/manifest', { ...SYNC, 'If-None-Match': etag })).status).toBe(304);
  });

  it('gets the manifest compressed, and of its own site where its key is bound to one', async () => {
    const raw = await rawGet('/v1/production/manifest', { ...SITE, 'Accept-Encoding': 'gzip' });
    const manifest: Manifest = JSON.parse(gunzipSync(raw).toString());
    expect(new Set(manifest.documents.map(({ site }) => site))).toEqual(new Set(['*', 'acme-uk']));
  });

  it('keeps a body that a release has just removed for those who are on their way to it', async () => {
    const { items, seq } = await publisher.publish([promo('acme-uk', 'fleeting', { title: 'Now you see me' })]);
    await until(async () => (await edge.seq()) === seq);
    await publisher.publish([{ kind: 'promo', site: 'acme-uk', key: 'fleeting' }]);
    await until(async () => (await edge.seq()) === seq + 1);
    const blob = await edge.get(`/v1/production/blobs/${items[0]?.sha256 ?? ''}`, SYNC);
    expect([blob.status, await blob.text()]).toEqual([200, '{"title":"Now you see me"}']);
  });

  it.each([
    ['a manifest without key', '/v1/production/manifest', {}, 401],
    ['a manifest with a key that may only read', '/v1/production/manifest', { 'Paddock-Client-Key': 'read-key' }, 403],
    ['a blob without key', `/v1/production/blobs/${'a'.repeat(64)}`, {}, 401],
    ['a blob that is not there', `/v1/production/blobs/${'a'.repeat(64)}`, SYNC, 404],
    ['a blob by no hash', '/v1/production/blobs/..%2f..%2fetc', SYNC, 400],
  ])('is refused %s', async (_what, path, headers: Record<string, string>, status) => {
    const response = await edge.get(path, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });
});

describe('receipts over HTTP', () => {
  const receipt = {
    environment: 'production',
    seq: 4,
    instance: 'partner-1',
    state: 'APPLIED',
    appliedAt: '2026-11-20T12:00:00Z',
    ms: 12,
  };
  const post = (body: unknown, headers: Record<string, string> = SYNC): Promise<Response> =>
    fetch(`${edge.url}/v1/receipts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('reach the queue under the name that the key has', async () => {
    const received: Receipt[] = [];
    const runs = [
      implementTask(receiptTask, ({ payload: one }) => Promise.resolve(void received.push(one))),
      implementTask(heartbeatTask, () => Promise.resolve()),
    ];
    const worker = startWorker(RECEIPTS_QUEUE, runs, {
      connection: workerConnection(area.url),
      prefix: area.prefix,
      concurrency: 1,
      onError: () => undefined,
    });
    const response = await post(receipt);
    expect([response.status, JSON.parse(await response.text())]).toEqual([202, { accepted: true }]);
    expect(await until(() => received.find(({ instance }) => instance === 'partner-1'))).toEqual({
      ...receipt,
      consumer: 'partner',
      leaseMs: 60_000,
    });
    await post({ ...receipt, instance: 'partner-2', leaseMs: 300_000 });
    expect(await until(() => received.find(({ instance }) => instance === 'partner-2'))).toMatchObject({
      leaseMs: 300_000,
    });
    await worker.close();
  });

  it('of a release that is not here yet are refused instead of lost later', async () => {
    const response = await post({ ...receipt, seq: publisher.seq + 1_000 });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(await response.text())).toMatchObject({ code: 'BEHIND', errors: [{ field: 'seq' }] });
  });

  it.each([
    ['seq', { ...receipt, seq: -1 }],
    ['state', { ...receipt, state: 'DONE' }],
    ['instance', { ...receipt, instance: '' }],
    ['stateHash', { ...receipt, stateHash: 'xyz' }],
    ['leaseMs', { ...receipt, leaseMs: 0 }],
    ['leaseMs', { ...receipt, leaseMs: 3_600_000 }],
    ['error', { ...receipt, error: 'x'.repeat(501) }],
    ['consumer', { ...receipt, consumer: 'edge' }],
    ['colour', { ...receipt, colour: 'red' }],
    ['environment', { ...receipt, environment: 7 }],
    ['body', []],
  ])('are refused for a wrong %s, by name', async (field, body) => {
    const response = await post(body);
    expect([response.status, JSON.parse(await response.text())]).toMatchObject([
      400,
      { code: 'INVALID_PARAMETERS', errors: [{ field }] },
    ]);
  });

  it.each([
    ['truncated JSON', '{"environment":', 400, 'BAD_JSON'],
    ['a member named __proto__', '{"__proto__":{"x":1}}', 400, 'BAD_JSON'],
    ['very many levels', `{"error":${'['.repeat(3_000)}${']'.repeat(3_000)}}`, 400, 'JSON_TOO_DEEP'],
    ['more than 16 KB', JSON.stringify({ ...receipt, error: 'x'.repeat(17_000) }), 413, 'PAYLOAD_TOO_LARGE'],
  ])('are refused for %s', async (_what, body, status, code) => {
    const response = await post(body);
    expect([response.status, JSON.parse(await response.text())]).toMatchObject([status, { code }]);
  });

  it('are refused as plain text, without key and without scope', async () => {
    expect((await post(receipt, { ...SYNC, 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await post(receipt, {})).status).toBe(401);
    expect((await post(receipt, { 'Paddock-Client-Key': 'read-key' })).status).toBe(403);
  });
});

describe('GraphQL that is costly to read', () => {
  const levels = (count: number): string => `${'{"not":'.repeat(count)}{}${'}'.repeat(count)}`;
  const post = async (body: string): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'mine' };
    const response = await fetch(`${edge.url}/graphql`, { method: 'POST', headers, body });
    const answer: { errors?: [{ extensions: object }] } = JSON.parse(await response.text());
    return { status: response.status, ...(answer.errors?.[0].extensions ?? answer) };
  };

  it.each([
    [
      'variables nested 3,000 deep',
      `{"query":"{ __typename }","variables":${levels(3_000)}}`,
      { code: 'JSON_TOO_DEEP', limit: 64, actual: 3_002 },
    ],
    [
      'a literal nested 100 deep',
      JSON.stringify({ query: `{ markets(filter: ${'{a:'.repeat(100)}{}${'}'.repeat(100)}) { clk } }` }),
      { code: 'QUERY_TOO_COMPLEX', measure: 'nesting', limit: 64, actual: 103, requestId: 'mine' },
    ],
    [
      '200 equal fields',
      JSON.stringify({ query: `{ markets { ${'clk '.repeat(200)} } }` }),
      { code: 'QUERY_TOO_COMPLEX', measure: 'repetitions', limit: 50, actual: 200, requestId: 'mine' },
    ],
    [
      'an unknown field',
      JSON.stringify({ query: '{ nothingOfThisName }' }),
      { code: 'GRAPHQL_VALIDATION_FAILED', requestId: 'mine' },
    ],
  ])('is refused for %s, with the limit or the id of the request', async (_, body, expected) => {
    expect(await post(body)).toMatchObject({ status: 400, ...expected });
  });
});

describe('receipts in the name of others', () => {
  const receipt = {
    environment: 'production',
    seq: 4,
    instance: 'edge-1',
    state: 'REJECTED',
    error: 'forged',
    appliedAt: '2026-11-20T12:00:00Z',
  };
  const post = async (key: string): Promise<[number, unknown]> => {
    const headers = { 'Content-Type': 'application/json', 'Paddock-Client-Key': key };
    const response = await fetch(`${edge.url}/v1/receipts`, { method: 'POST', headers, body: JSON.stringify(receipt) });
    return [response.status, JSON.parse(await response.text())];
  };

  it.each(RESERVED_CONSUMERS)(
    'are refused, also with a key of the consumer %s from before the name was reserved',
    async (consumer) => {
      expect(await post(`key-of-${consumer}`)).toEqual([
        403,
        expect.objectContaining({ code: 'RESERVED_CONSUMER', detail: expect.stringContaining(consumer) }),
      ]);
    },
  );

  it('are refused with a key that is bound to a site', async () => {
    expect(await post('site-key')).toEqual([
      403,
      expect.objectContaining({ code: 'SITE_BOUND_KEY', detail: expect.stringContaining('acme-uk') }),
    ]);
  });
});

describe('the layout over GraphQL', () => {
  const ask = async (
    query: string,
    variables: object = {},
  ): Promise<{
    status: number;
    body: {
      data?: { layout: Record<string, unknown> } | null;
      errors?: { message: string; extensions: Record<string, unknown> }[];
    };
  }> => {
    const response = await fetch(`${edge.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const QUERY = `query ($page: String!, $audience: AudienceInput) {
    layout(site: "acme-uk", page: $page, audience: $audience) {
      site page etag seq validUntil
      slots { name items { __typename ... on PromoItem { key title text tags } ... on ComponentItem { component } ... on MarketsItem { query { sport } } } }
    }
  }`;

  it('is the same content under the same tag as over REST', async () => {
    const rest = await edge.get('/v1/production/sites/acme-uk/layouts/sport', { 'Accept-Encoding': 'identity' });
    const { status, body } = await ask(QUERY, { page: 'sport', audience: { device: 'mobile', segments: ['vip'] } });
    expect(status).toBe(200);
    expect(body.data?.layout).toEqual({
      site: 'acme-uk',
      page: 'sport',
      etag: rest.headers.get('etag'),
      seq: publisher.seq,
      validUntil: null,
      slots: [
        {
          name: 'main',
          items: [{ __typename: 'PromoItem', key: 'named', title: 'Named', text: null, tags: ['home'] }],
        },
      ],
    });
  });

  it.each([
    [{ page: 'attic' }, 'UNKNOWN_PAGE', 404],
    [{ page: 'sport', audience: { device: 'toaster' } }, 'INVALID_PARAMETERS', 400],
  ])('refuses %j with the code that REST has', async (variables, code, status) => {
    const answer = await ask(QUERY, variables);
    expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([status, code]);
  });

  it.each([
    ['depth', `{ ${'a { '.repeat(40)} b ${'} '.repeat(40)} }`, 8],
    ['aliases', `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: __typename`).join(' ')} }`, 10],
    ['tokens', `{ ${'__typename '.repeat(3_000)} }`, 600],
  ])('refuses too many %s, with the limit', async (measure, query, limit) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect(body.errors?.map(({ extensions }) => extensions)).toContainEqual(
      expect.objectContaining({ code: 'QUERY_TOO_COMPLEX', measure, limit }),
    );
  });
});

function rawGet(path: string, headers: Record<string, string>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    httpRequest(`${edge.url}${path}`, { headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve(Buffer.concat(pieces)));
    })
      .on('error', reject)
      .end();
  });
}
