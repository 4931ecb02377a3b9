import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PollMapping } from '@paddock/contracts';
import { AddressPolicy, OutboundClient } from '@paddock/outbound';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { CollectingOutlet } from '../../testing/collecting-outlet.js';
import { PollerFeed } from './poller-feed.js';

const MAPPING: PollMapping = {
  markets: 'data.markets',
  market: {
    id: 'id',
    event: 'fixture.id',
    eventName: 'fixture.name',
    sport: { value: 'baseball' },
    type: 'kind',
    status: 'state',
    startTime: 'fixture.start',
  },
  runners: 'outcomes',
  runner: { id: 'id', name: 'name', price: 'odds.american' },
  statuses: { live: 'OPEN', closed: 'CLOSED' },
  prices: 'american',
};
const market = (id: string, american: number, state = 'live'): object => ({
  id,
  kind: 'MONEYLINE',
  state,
  fixture: { id: '7', name: 'A v B', start: '2026-07-13T18:00:00+02:00' },
  outcomes: [{ id: 'h', name: 'A', odds: { american } }],
});

let server: Server;
let answer: (response: ServerResponse, etag: string | undefined) => void;
let asked = 0;
let outlet: CollectingOutlet;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  asked = 0;
  server = createServer((request, response) => {
    asked += 1;
    answer(response, request.headers['if-none-match']);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  outlet = new CollectingOutlet();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  server.closeAllConnections();
  server.close();
});

const json = (response: ServerResponse, markets: unknown): void =>
  void response.setHeader('etag', '"1"').end(JSON.stringify({ data: { markets } }));

function start(): PollerFeed {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const feed = new PollerFeed(
    {
      key: 'api',
      outbound: new OutboundClient({ policy: AddressPolicy.forOperators() }),
      url: new URL(`http://127.0.0.1:${port}/`),
      intervalMs: 30,
      mapping: MAPPING,
    },
    createLogger('test', 'silent'),
  );
  running = feed.run(outlet, stop.signal);
  return feed;
}

test('each answer is an image, is complete once, and withdraws what it leaves out', async () => {
  let markets = [market('1', 150), market('2', -200, 'odd word')];
  answer = (response) => json(response, markets);
  start();
  await until(() => outlet.changes.length >= 4);
  expect(outlet.story.slice(0, 4)).toEqual(['down RESTART', 'market api:1', 'market api:2', 'complete']);
  expect(outlet.changes.slice(0, 2)).toMatchObject([
    {
      event: 'api:7',
      img: true,
      status: 'OPEN',
      definition: { sport: 'baseball', type: 'MONEYLINE', eventName: 'A v B', startTime: '2026-07-13T16:00:00.000Z' },
      runners: [{ id: 'h', p: 2_500 }],
    },
    { status: 'SUSPENDED', runners: [{ id: 'h', p: 1_500 }] },
  ]);
  markets = [market('1', 150)];
  const withdrawn = await until(() =>
    outlet.changes.find((change) => change.type === 'market' && change.status === 'INACTIVE'),
  );
  expect(withdrawn).toMatchObject({ market: 'api:2' });
});

test('an unchanged answer is a sign of life, and everything is reported again when the feed is not trusted', async () => {
  answer = (response, etag) =>
    etag === '"1"' ? void response.writeHead(304).end() : json(response, [market('1', 150)]);
  const feed = start();
  await until(() => asked > 4 && outlet.beats > 4);
  expect(outlet.changes).toHaveLength(1);
  feed.recover();
  await until(() => outlet.story.filter((word) => word === 'complete').length === 2);
  expect(outlet.changes).toHaveLength(2);
});

test('what cannot be used is set aside, market by market, and does not stop the rest', async () => {
  answer = (response) => json(response, [{ id: '9' }, market('1', 150)]);
  start();
  await until(() => outlet.changes.length > 0);
  expect(outlet.setAside[0]).toEqual({ message: '{"id":"9"}', reason: 'no event' });
});

test('an answer that is no JSON is set aside, and the next one is used', async () => {
  let good = false;
  answer = (response) => (good ? json(response, [market('1', 150)]) : void response.end('<html>'));
  start();
  await until(() => outlet.setAside.length > 0);
  expect(outlet.changes).toEqual([]);
  good = true;
  await until(() => outlet.changes.length > 0);
});

test('Retry-After is honoured', async () => {
  answer = (response) => void response.writeHead(429, { 'retry-after': '1' }).end();
  start();
  const begun = performance.now();
  await until(() => asked >= 2);
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(outlet.beats).toBe(0);
});
