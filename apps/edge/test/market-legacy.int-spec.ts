import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { readLegacyRoutes, readTraffic } from '@paddock/traffic';
import { until } from '@paddock/testing';
import { EventReader } from './event-reader.js';
import { DE, MarketWorld, UK } from './market-world.js';

let world: MarketWorld;
const PATH = '/v1/odds/events/sim:e1/markets';

beforeAll(async () => {
  world = await MarketWorld.start();
});
afterAll(() => world.close());

describe('the old route for markets', () => {
  test('answers as it did, and says until when and where to go', async () => {
    const response = await world.edge.get(PATH, UK);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      deprecation: '@1767225600',
      sunset: 'Wed, 30 Jun 2027 00:00:00 GMT',
      link: '</v2/events/sim%3Ae1/markets>; rel="successor-version", </v1/odds>; rel="deprecation"; type="text/html", </v1/odds>; rel="sunset"; type="text/html"',
    });
    expect(JSON.parse(await response.text())).toEqual({
      event: 'sim:e1',
      markets: [
        { id: 'sim:2', status: 'OPEN', runners: [{ id: 1, odds: 3 }] },
        {
          id: 'sim:1',
          status: 'OPEN',
          runners: [
            { id: 1, odds: 2 },
            { id: 2, odds: 1.9 },
          ],
        },
      ],
    });
  });

  test('links to a page about the move, and to the successor as the same caller may ask it', async () => {
    const page = await world.edge.get('/v1/odds');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('answers 410 from 2027-06-30 on');
    const ANY = { 'Paddock-Client-Key': 'any-key' };
    const [, successor = ''] =
      /^<(.*?)>; rel="successor-version"/.exec(
        (await world.edge.get(`${PATH}?site=acme-uk`, ANY)).headers.get('link') ?? '',
      ) ?? [];
    expect(successor).toBe('/v2/events/sim%3Ae1/markets?site=acme-uk');
    expect((await world.edge.get(successor, ANY)).status).toBe(200);
  });

  test('shows no odds of suspended markets, and refuses callers without a key', async () => {
    await world.writer.status('sim:2', 'sim:e1', 'SUSPENDED');
    await until(async () =>
      (await (await world.edge.get(PATH, UK)).text()).includes(
        '{"id":"sim:2","status":"SUSPENDED","runners":[{"id":1,"odds":null}]}',
      ),
    );
    expect((await world.edge.get(PATH)).status).toBe(401);
  });

  test('is counted by client beside the new ones, and known to the migration board', async () => {
    await world.edge.get(PATH, UK);
    await world.edge.get('/v2/events/sim:e1/markets', UK);
    const redis = new Redis(world.redis.url.href);
    try {
      const routes = await until(async () => {
        const counts = await readTraffic(redis, world.redis.prefix, 1);
        return counts.length >= 2 && counts.map(({ client, version, route }) => `${client} ${version} ${route}`).sort();
      });
      expect(routes).toEqual(['partner v1 /v1/odds/events/:event/markets', 'partner v2 /v2/events/:event/markets']);
      await until(async () =>
        (await readLegacyRoutes(redis, world.redis.prefix)).find('/v1/odds/events/:event/markets'),
      );
    } finally {
      redis.disconnect();
    }
  });

  test('is counted for Prometheus beside every other way to read markets, by the id of the key', async () => {
    const socket = world.keep(await world.socket());
    await socket.subscribe();
    const events = world.keep(await EventReader.open(`${world.edge.url}/v2/markets/stream`, UK));
    await until(() => events.blocks.some(({ data }) => data !== undefined));
    await world.edge.get(PATH, UK);
    await world.edge.get('/v2/events/sim:e1/markets', DE);
    const query = await fetch(`${world.edge.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...UK },
      body: JSON.stringify({ query: '{ markets { clk } }' }),
    });
    expect(query.status).toBe(200);
    for (const path of [PATH, '/v2/events/sim:e1/markets'])
      await world.edge.get(`${path}?site=acme-uk`, { 'Paddock-Client-Key': 'any-key' });
    await world.edge.get('/v2/markets', { 'Paddock-Client-Key': 'guess' });
    const metrics = await (await world.edge.operations('/metrics')).text();
    const counted = metrics
      .split('\n')
      .flatMap(
        (line) =>
          /^paddock_client_requests_total\{client="(.*?)",route="(.*?)",version="(.*?)"/
            .exec(line)
            ?.slice(1)
            .join(' ') ?? [],
      );
    expect(counted.sort()).toEqual([
      'key-1 /graphql markets v2',
      'key-1 /v1/odds/events/:event/markets v1',
      'key-1 /v2/events/:event/markets v2',
      'key-1 /v2/markets/stream v2',
      'key-2 /v2/events/:event/markets v2',
      'key-3 /v1/odds/events/:event/markets v1',
      'key-3 /v2/events/:event/markets v2',
    ]);
    expect(metrics).toContain(
      'paddock_client_requests_total{client="key-1",route="/v2/markets/stream",version="v2",app="edge"} 2',
    );
    expect(metrics).not.toMatch(/uk-key|de-key|guess/);
    await world.hangUp();
  });

  test('answers 410 from its last day on', async () => {
    await world.restart({ EDGE_LEGACY_ODDS_SUNSET: '2026-01-02' });
    const response = await until(async () => {
      const answer = await world.edge.get(PATH, UK);
      return answer.status === 410 && answer;
    });
    expect(response.headers.get('link')).toContain('/v2/events/sim%3Ae1/markets');
    expect(JSON.parse(await response.text())).toMatchObject({ code: 'ROUTE_GONE' });
  });
});
