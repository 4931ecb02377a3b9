import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { EventSource } from 'eventsource';
import { clientKey, layout, promo, redisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { TestEdge } from './test-edge.js';

const area = redisPrefix();
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let publisher: TestPublisher;
let edge: TestEdge;
let source: EventSource | undefined;

const start = (port = 0): Promise<TestEdge> =>
  TestEdge.start({ redisUrl: area.url, prefix: area.prefix, stateDir: directory.path, port });

beforeAll(async () => {
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, area.prefix);
  await publisher.settings({ anonymousReads: false, clientKeys: [clientKey('frontend-key', { scopes: ['read'] })] });
  await publisher.publish([layout('acme-uk', 'home', { page: 'home', slots: [] })]);
  edge = await start();
});

afterEach(() => source?.close());

afterAll(async () => {
  await edge.close();
  publisher.close();
  await area.clear();
  await directory.remove();
});

/** An event source as a frontend opens it, and what it received. */
function follow(url: string): { source: EventSource; events: { type: string; id: string; data: string }[] } {
  const events: { type: string; id: string; data: string }[] = [];
  const opened = new EventSource(url);
  source = opened;
  for (const type of ['head', 'release', 'reset', 'message'])
    opened.addEventListener(type, ({ lastEventId: id, data }) => events.push({ type, id, data: String(data) }));
  return { source: opened, events };
}

it('first-release: npm eventsource gets the first release of all, which landed while the edge was down', async () => {
  const { events } = follow(`${edge.url}/v1/production/changes?clientKey=frontend-key`);
  await until(() => events.length === 1, { what: 'the head' });
  const { seq } = publisher;
  expect(events).toEqual([{ type: 'head', id: String(seq), data: JSON.stringify({ seq, current: seq }) }]);
  const port = Number(new URL(edge.url).port);
  await edge.close();
  await publisher.publish([promo('acme-uk', 'first', { title: 'First' })]);
  edge = await start(port);
  await until(() => events.some(({ type }) => type === 'release'), { timeoutMs: 30_000, what: 'the release' });
  expect(events.map(({ type, id }) => [type, id])).toEqual([
    ['head', String(seq)],
    ['head', String(seq)],
    ['release', String(seq + 1)],
  ]);
  expect(JSON.parse(events[1]?.data ?? '')).toEqual({ seq, current: seq + 1 });
});

it.each([
  ['no key', '', 401, 'CLIENT_KEY_REQUIRED'],
  ['an unknown key', '?clientKey=guess', 401, 'UNKNOWN_CLIENT_KEY'],
  ['two keys', '?clientKey=frontend-key&clientKey=guess', 401, 'CLIENT_KEY_REQUIRED'],
])('is refused with %s', async (_, query, status, code) => {
  const answer = await edge.get(`/v1/production/changes${query}`);
  expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  expect(answer.headers.get('www-authenticate')).toBe('ClientKey realm="Paddock", header="Paddock-Client-Key"');
});

it('a key in the header counts before one in the query', async () => {
  const answer = await edge.get('/v1/production/changes?clientKey=guess&since=0', {
    'paddock-client-key': 'frontend-key',
  });
  await answer.body?.cancel();
  expect([200, 410]).toContain(answer.status);
});
