import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { sha256Hex } from '@paddock/contracts';
import { ApiKeys } from '../access/api-keys.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import { createServer } from '../http/create-server.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { LiveSeries } from './live-series.js';

const bet = contract('bet', { user: 'string', sport: 'string' });

interface Message {
  points: { start: string; value: number | null; dimensions: { value: string | null }[] }[];
  fields?: { path: string; code: string }[];
}

describe('metricChanges', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  let ids = 0;
  beforeAll(async () => {
    test = await testAnalytics();
    await test.analytics.apply(
      definitions([bet], { bets: { simple: { event: 'bet', agg: 'count', dimensions: [{ name: 'sport' }] } } }),
    );
    await test.analytics.start();
    const keys = new ApiKeys(new Map([[sha256Hex('reader'), { name: 'board', scopes: ['read'] }]]));
    app = await createServer(test.analytics, new ProducerKeys(new Map(), true), pino({ level: 'fatal' }), undefined, {
      keys,
      production: false,
    });
    await app.listen(0);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  const send = (...sports: string[]) =>
    test.send(
      sports.map((sport) => ({ event: 'bet', id: `e${(ids += 1)}`, at: new Date().toISOString(), user: 'u', sport })),
    );
  async function client(key = 'reader') {
    const url = (await app.getUrl()).replace('http', 'ws').replace('[::1]', 'localhost');
    return createClient({
      url: `${url}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${key}` },
      retryAttempts: 0,
    });
  }
  async function watch(input: object, key?: string) {
    const messages: Message[] = [];
    const failures: unknown[] = [];
    const socket = await client(key);
    const stop = socket.subscribe<{ metricChanges: Message }>(
      {
        query:
          'subscription ($input: MetricChangesInput!) { metricChanges(input: $input) { ... on MetricChanges { points { start value finality dimensions { value } } } ... on ValidationProblem { fields { path code } } } }',
        variables: { input },
      },
      {
        next: ({ data }) => data && messages.push(data.metricChanges),
        error: (error) => failures.push(error),
        complete: () => undefined,
      },
    );
    return {
      messages,
      failures,
      async close() {
        stop();
        await socket.dispose();
      },
    };
  }
  const total = (messages: readonly Message[], sport: string | null = null): number => {
    const latest = new Map(
      messages
        .flatMap(({ points }) => points)
        .filter(({ dimensions: [cell] }) => (cell?.value ?? null) === sport)
        .map(({ start, value }) => [start, value]),
    );
    return [...latest.values()].reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };

  it('sends all points first and then those that changed, to every subscriber', async () => {
    const watchers = [
      await watch({ metric: 'bets', grain: 'MINUTE', buckets: 5 }),
      await watch({ metric: 'bets', grain: 'MINUTE', buckets: 5 }),
    ];
    for (const { messages } of watchers) await test.until(() => messages.length > 0);
    expect(watchers[0]?.messages[0]?.points).toHaveLength(5);
    // The first events of all close the buckets before them.
    await send('golf');
    for (const { messages } of watchers) await test.until(() => total(messages) === 1);
    const seen = watchers.map(({ messages }) => messages.length);
    await send('golf', 'golf', 'tennis');
    for (const { messages } of watchers) await test.until(() => total(messages) === 4);
    for (const [index, { messages }] of watchers.entries())
      for (const { points } of messages.slice(seen[index])) expect(points.length).toBeLessThan(5);
    for (const watcher of watchers) await watcher.close();
    await test.until(() => app.get(LiveSeries).readers === 0);
  });

  it('splits by dimensions', async () => {
    const { messages, close } = await watch({ metric: 'bets', grain: 'HOUR', buckets: 2, dimensions: ['sport'] });
    await test.until(() => messages.length > 0);
    await send('chess');
    await test.until(() => total(messages, 'chess') === 1);
    await close();
  });

  it('lists the mistakes in a query, and refuses a client without a key', async () => {
    const wrong = await watch({ metric: 'nope', grain: 'MINUTE', timeZone: 'Mars', buckets: 0 });
    await test.until(() => wrong.messages.length === 1);
    expect(wrong.messages[0]?.fields?.map(({ path }) => path)).toEqual(['metric', 'timeZone', 'buckets']);
    const odd = await watch({ metric: 'bets', grain: 'FORTNIGHT' });
    await test.until(() => odd.failures.length === 1);
    expect(odd.failures[0]).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('FORTNIGHT'),
        extensions: { code: 'BAD_USER_INPUT', requestId: expect.any(String) },
      }),
    ]);
    await odd.close();
    const stranger = await watch({ metric: 'bets', grain: 'MINUTE' }, 'guess');
    await test.until(() => stranger.failures.length === 1);
    expect(stranger.failures[0]).toMatchObject({ code: 4403, reason: 'this key is not known here' });
    const anonymous = await watch({ metric: 'bets', grain: 'MINUTE' }, '');
    await test.until(() => anonymous.failures.length === 1);
    expect(anonymous.failures[0]).toMatchObject({
      code: 4401,
      reason: expect.stringContaining('Authorization: Bearer'),
    });
    await anonymous.close();
    await wrong.close();
    await stranger.close();
  });

  it('holds no more for a slow reader than there are points, and gives it the newest', async () => {
    const query = { metric: 'bets', grain: 'minute', buckets: 10 } as const;
    const [slow, attentive] = [await app.get(LiveSeries).watch(query), await app.get(LiveSeries).watch(query)];
    const sent = ids + 5;
    for (let round = 0; round < 5; round += 1) {
      const stored = test.handled();
      await send('rowing');
      await test.stored(stored + 1);
    }
    // The slow reader was sent the same changes as the attentive one.
    const heard = new Map<string, number>();
    const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
    while (sum(heard.values()) < sent)
      for (const { start, value } of (await attentive.next()).value) heard.set(String(start), Number(value ?? 0));
    const { value: points } = await slow.next();
    expect(new Set(points.map(({ start }: { start: unknown }) => String(start))).size).toBe(points.length);
    expect(sum(points.map(({ value }: { value: unknown }) => Number(value ?? 0)))).toBe(sent);
    await attentive.return?.();
    await slow.return?.();
  });
});
