import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '@paddock/testing';
import { EventReader } from './event-reader.js';
import { MarketClient, type WireFrame } from './market-client.js';
import { DE, MarketWorld, type Snapshot, UK } from './market-world.js';

let world: MarketWorld;

beforeAll(async () => {
  world = await MarketWorld.start();
});
afterEach(() => world.hangUp());
afterAll(() => world.close());

describe('REST', () => {
  test('answers with a tag that only content changes, and 304', async () => {
    const first = await world.edge.get('/v2/events/sim:e1/markets', UK);
    const body = await first.text();
    expect(first.headers.get('cache-control')).toBe('private, max-age=1');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    await world.writer.price('sim:3', 'sim:e3', [[1, 4_700]]);
    await until(async () => JSON.stringify(await world.marketsAt('sim:e3', UK)).includes('4700'));
    const second = await world.edge.get('/v2/events/sim:e1/markets', { ...UK, 'If-None-Match': etag });
    expect([second.status, await second.text()]).toEqual([304, '']);
    expect(await (await world.edge.get('/v2/events/sim:e1/markets', UK)).text()).toBe(body);
    expect((await world.edge.get('/v2/events/sim:e1/markets', DE)).headers.get('etag')).not.toBe(etag);
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_222]]);
    await until(
      async () => (await world.edge.get('/v2/events/sim:e1/markets', { ...UK, 'If-None-Match': etag })).status === 200,
    );
  });

  test('says of an event without markets the same as of one that is not there', async () => {
    expect((await world.marketsAt('sim:nothing', UK)).markets).toEqual([]);
  });

  test('lists by filter, those that start first before the others', async () => {
    const { markets }: Snapshot = JSON.parse(
      await (await world.edge.get('/v2/markets?sports=football,tennis', UK)).text(),
    );
    expect(markets.map(({ id }) => id)).toEqual(['sim:3', 'sim:2', 'sim:1']);
  });

  test('tells changes since a clk: at once what was missed, else when it happens, else that nothing did', async () => {
    const { clk } = await world.marketsAt('sim:e1', UK);
    await world.writer.price('sim:1', 'sim:e1', [[2, 1_950]]);
    await until(async () => (await world.marketsAt('sim:e1', UK)).clk !== clk);
    const missed: { clk: string; m: object[] } = JSON.parse(
      await (await world.edge.get(`/v2/changes?since=${clk}`, UK)).text(),
    );
    expect(missed).toMatchObject({ ct: 'RESUB', m: [{ id: 'sim:1', r: [{ id: 2, p: 1_950 }] }], removed: [] });
    const waiting = world.edge.get(`/v2/changes?since=${missed.clk}&wait=20000`, UK);
    await world.writer.status('sim:2', 'sim:e1', 'CLOSED');
    const closed: { clk: string } = JSON.parse(await (await waiting).text());
    expect(closed).toMatchObject({ m: [], removed: ['sim:2'] });
    const nothing: object = JSON.parse(
      await (await world.edge.get(`/v2/changes?since=${closed.clk}&wait=50`, UK)).text(),
    );
    expect(nothing).toMatchObject({ m: [], removed: [], clk: expect.any(String) });
    await world.writer.open('sim:2', 'sim:e1', [[1, 3_000]], { type: 'GOALS', startTime: '2026-06-01T11:00:00Z' });
  });

  test('answers HEAD of the stream at once, without a reader', async () => {
    const response = await fetch(`${world.edge.url}/v2/markets/stream`, { method: 'HEAD', headers: UK });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
  });

  test('sends clients with an expired clk to the snapshot', async () => {
    const { clk } = await world.marketsAt('sim:e1', UK);
    const response = await world.edge.get(`/v2/changes?since=${clk}`, DE);
    expect(response.status).toBe(410);
    expect(response.headers.get('link')).toBe('</v2/events/sim%3Ae1/markets>; rel="alternate"');
    expect(JSON.parse(await response.text())).toMatchObject({ code: 'CLK_EXPIRED', reason: 'VIEW' });
    const forged = await world.edge.get(
      `/v2/changes?since=${Buffer.alloc(60, 3).toString('base64url')}&sports=tennis`,
      UK,
    );
    expect([forged.status, forged.headers.get('link')]).toEqual([410, '</v2/markets?sports=tennis>; rel="alternate"']);
  });

  test('snapshot-link-works: also for a key of all sites', async () => {
    const ANY = { 'Paddock-Client-Key': 'any-key' };
    const { clk } = await world.marketsAt('sim:e1', UK);
    for (const filter of ['', '&events=sim:e1', '&types=GOALS']) {
      const gone = await world.edge.get(`/v2/changes?since=${clk}&site=acme-de&environment=production${filter}`, ANY);
      expect(gone.status).toBe(410);
      const { snapshot }: { snapshot: string } = JSON.parse(await gone.text());
      expect(gone.headers.get('link')).toBe(`<${snapshot}>; rel="alternate"`);
      expect((await world.edge.get(snapshot, ANY)).status).toBe(200);
    }
    const everything = await world.edge.get(`/v2/changes?since=${Buffer.alloc(60, 3).toString('base64url')}`, UK);
    expect(everything.headers.get('link')).toBe('</v2/markets>; rel="alternate"');
  });

  test.each([
    ['as long as an id may be', 'e'.repeat(200)],
    ['of many bytes', '\u8CFD'.repeat(200)],
  ])(
    'long-event-id-and-nothing-but-its-clk: changes continue from the snapshot of an event whose name is %s',
    async (_, event) => {
      const { clk }: { clk: string } = JSON.parse(
        await (await world.edge.get(`/v2/events/${encodeURIComponent(event)}/markets`, UK)).text(),
      );
      const changes = await world.edge.get(`/v2/changes?since=${clk}&wait=0`, UK);
      expect(changes.status).toBe(200);
      expect(JSON.parse(await changes.text())).toMatchObject({ ct: 'RESUB', m: [], removed: [] });
    },
  );

  test('filter-too-long-for-a-clk: asks to send it again, and does not fall back to all markets', async () => {
    const filter = `events=${Array.from({ length: 20 }, (_, n) => `sim:event-${n}`).join(',')}`;
    const { clk }: { clk: string } = JSON.parse(await (await world.edge.get(`/v2/markets?${filter}`, UK)).text());
    const alone = await world.edge.get(`/v2/changes?since=${clk}&wait=0`, UK);
    expect([alone.status, JSON.parse(await alone.text())]).toMatchObject([
      400,
      {
        code: 'INVALID_PARAMETERS',
        errors: [{ field: 'since', message: expect.stringContaining('say the filter again') }],
      },
    ]);
    expect((await world.edge.get(`/v2/changes?since=${clk}&wait=0&${filter}`, UK)).status).toBe(200);
  });

  test.each([
    ['no key', '/v2/events/sim:e1/markets', {}, 401, 'CLIENT_KEY_REQUIRED', 'client key'],
    ['another site', '/v2/events/sim:e1/markets?site=acme-de', UK, 403, 'OTHER_SITE', 'acme-uk'],
    ['an unknown parameter', '/v2/markets?colour=red', UK, 400, 'INVALID_PARAMETERS', 'colour'],
    ['a filter beside an event', '/v2/events/sim:e1/markets?types=GOALS', UK, 400, 'INVALID_PARAMETERS', 'events'],
    ['an event whose id is too long', `/v2/events/${'e'.repeat(201)}/markets`, UK, 400, 'INVALID_PARAMETERS', 'event'],
    [
      '201 events',
      `/v2/markets?events=${Array.from({ length: 201 }, (_, n) => n).join(',')}`,
      UK,
      400,
      'INVALID_PARAMETERS',
      'filter.events',
    ],
    ['a parameter twice', '/v2/markets?types=A&types=B', UK, 400, 'INVALID_PARAMETERS', 'types'],
    ['no clk', '/v2/changes', UK, 400, 'INVALID_PARAMETERS', 'since'],
    ['a malformed clk', '/v2/changes?since=$$$', UK, 400, 'INVALID_PARAMETERS', 'since'],
    [
      'a wait that is too long',
      '/v2/changes?since=AAAAAAAAAAAAAAAAAAAAAAAA&wait=60000',
      UK,
      400,
      'INVALID_PARAMETERS',
      'wait',
    ],
    ['an invalid window', '/v2/markets/stream?conflateMs=soon', UK, 400, 'INVALID_PARAMETERS', 'conflateMs'],
  ])('refuses a request with %s', async (_, path, headers, status, code, named) => {
    const response = await world.edge.get(path, headers);
    const problem: { code: string; detail: string } = JSON.parse(await response.text());
    expect([response.status, problem.code, response.headers.get('content-type')]).toEqual([
      status,
      code,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(problem.detail).toContain(named);
  });
});

describe('server-sent events', () => {
  test('are the same frames, with the clk as id, and resume by Last-Event-ID', async () => {
    const reader = world.keep(
      await EventReader.open(`${world.edge.url}/v2/markets/stream?events=sim:e1&conflateMs=0&clientKey=uk-key`),
    );
    expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
    const client = new MarketClient();
    await until(() => reader.blocks.some(({ data }) => data !== undefined));
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_345]]);
    await until(() => reader.blocks.some(({ data }) => data?.includes('2345')));
    for (const { id, data } of reader.blocks) {
      if (data === undefined) continue;
      const frame: WireFrame = JSON.parse(data);
      expect(id).toBe(frame.clk);
      client.take(frame);
    }
    expect(client.priceOf('sim:1', 1)).toBe(2_345);
    reader.close();
    const again = world.keep(
      await EventReader.open(`${world.edge.url}/v2/markets/stream?events=sim:e1&clientKey=uk-key`, {
        'Last-Event-ID': client.clk ?? '',
      }),
    );
    await until(() => again.blocks.some(({ data }) => data?.includes('"ct":"RESUB"')));
  });

  test('without a key are refused before they begin', async () => {
    const response = await world.edge.get('/v2/markets/stream');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      401,
      expect.stringContaining('problem+json'),
    ]);
  });
});
