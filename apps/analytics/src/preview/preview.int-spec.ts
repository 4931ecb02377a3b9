import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import type { EventSchemaBody, MetricBody } from '@paddock/metrics';
import { ProducerKeys } from '../collector/producer-keys.js';
import { createServer } from '../http/create-server.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { InternalToken } from './preview.controller.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 18, 30);

describe('a preview', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  const bet = contract('bet', { user: 'string', stake: 'number', sport: 'string' });

  beforeAll(async () => {
    const started = Date.now();
    test = await testAnalytics({ clock: () => NOW + Date.now() - started });
    app = await createServer(
      test.analytics,
      new ProducerKeys(new Map(), true),
      pino({ level: 'silent' }),
      new InternalToken('secret'),
    );
    await app.listen(0);
    await test.analytics.apply(
      definitions([bet], { turnover: { simple: { event: 'bet', agg: 'sum', expr: 'stake' } } }),
    );
    await test.analytics.start();
    const event = (id: number, hoursAgo: number, more: object) => ({
      event: 'bet',
      id: `e${id}`,
      at: new Date(NOW - hoursAgo * HOUR).toISOString(),
      ...more,
    });
    await test.send([
      event(1, 0, { user: 'a', stake: 10, sport: 'football' }),
      event(2, 1, { user: 'a', stake: 5, sport: 'tennis' }),
      event(2, 1, { user: 'a', stake: 5, sport: 'tennis' }),
      event(3, 1, { user: 'b', stake: 7, sport: 'golf' }),
      event(4, 30, { user: 'b', stake: 100, sport: 'golf' }),
    ]);
    await test.stored(5);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  async function preview(metric: string, metrics: Record<string, object>, events: EventSchemaBody[] = [bet]) {
    const bodies = Object.fromEntries(
      Object.entries(metrics).map(([key, body]): [string, MetricBody] => [key, { title: key, ...body }]),
    );
    const response = await supertest(app.getHttpServer())
      .post('/internal/preview')
      .set('authorization', 'Bearer secret')
      .send({ metric, definitions: { events, metrics: bodies } });
    expect(response.status).toBe(200);
    return response.body;
  }

  it('reads a metric that is not live from the last day of events, each counted once', async () => {
    const { preview: found } = await preview('bets', {
      bets: { simple: { event: 'bet', agg: 'count', dimensions: [{ name: 'sport', maxCardinality: 2 }] } },
    });
    expect(
      found.rows.slice(-3).map(({ value, live }: { value: number; live: number | null }) => [value, live]),
    ).toEqual([
      [0, null],
      [2, null],
      [1, null],
    ]);
    expect(found.rows.at(-1).label).toBe('2026-11-20T18:00:00.000Z');
    expect(found.dimensions).toEqual([{ name: 'sport', values: 3, limit: 2 }]);
    expect(found.sql).toEqual([expect.stringContaining('FROM raw_bet FINAL')]);
    expect(found.rowsStored).toBeGreaterThanOrEqual(4);
    expect(found.rowsRead).toBeGreaterThanOrEqual(3);
    expect(found.readMs).toBeGreaterThan(0);
    expect(found.backfillMs).toBeGreaterThan(0);
  });

  it('is shown beside the live metric', async () => {
    const { preview: found } = await preview('turnover', {
      turnover: {
        simple: { event: 'bet', agg: 'sum', expr: 'stake', filter: { eq: { field: 'sport', value: 'tennis' } } },
      },
    });
    expect(found.rows.at(-2)).toEqual({ label: '2026-11-20T17:00:00.000Z', value: 5, live: 12 });
  });

  it('says that nothing is to be computed where everything is', async () => {
    const same = { turnover: { simple: { event: 'bet', agg: 'sum', expr: 'stake' } } };
    await test.until(async () => (await preview('turnover', same)).preview.backfillMs === 0, {
      timeoutMs: 30_000,
      what: 'windows that are all computed',
    });
  });

  it('goes through other metrics, and through funnels', async () => {
    const ratio = await preview('share', {
      share: { ratio: { numerator: { metric: 'tennis' }, denominator: { metric: 'all' } } },
      tennis: { simple: { event: 'bet', agg: 'count', filter: { eq: { field: 'sport', value: 'tennis' } } } },
      all: { simple: { event: 'bet', agg: 'count' } },
    });
    expect(ratio.preview.rows.at(-2).value).toBe(0.5);
    const steps = [
      { name: 'tennis', event: 'bet', filter: { eq: { field: 'sport', value: 'tennis' } } },
      { name: 'football', event: 'bet', filter: { eq: { field: 'sport', value: 'football' } } },
    ];
    const funnel = await preview('path', { path: { funnel: { order: 'ordered', window: '1d', steps } } });
    expect([ratio.preview.backfillMs, funnel.preview.backfillMs]).toEqual([expect.any(Number), null]);
    expect(funnel.preview.rows).toEqual([
      { label: 'tennis', value: 1, live: null },
      { label: 'football', value: 1, live: null },
    ]);
  });

  it('computes nothing ahead and stores nothing', async () => {
    const served = () => test.analytics.store.engine.select("SELECT count() AS n FROM served WHERE metric = 'bets'");
    expect(await served()).toEqual([{ n: '0' }]);
    expect(test.analytics.metrics.current('bets')).toBeUndefined();
  });

  it.each<[string, Record<string, object>, EventSchemaBody[] | undefined, RegExp]>([
    [
      'an event that never came',
      { bets: { simple: { event: 'spin', agg: 'count' } } },
      [contract('spin', {})],
      /no events spin/,
    ],
    [
      'a field that no event has had',
      { bets: { simple: { event: 'bet', agg: 'sum', expr: 'bonus' } } },
      [contract('bet', { user: 'string', stake: 'number', sport: 'string', bonus: 'number' })],
      /no bet has had bonus/,
    ],
    [
      'a definition with a mistake',
      { bets: { simple: { event: 'bet', agg: 'sum', expr: 'nothing' } } },
      undefined,
      /no field "nothing"/,
    ],
  ])('says why there is none for %s', async (_, metrics, events, says) => {
    expect((await preview('bets', metrics, events ?? [bet])).unavailable).toMatch(says);
  });

  it('is refused without the token', async () => {
    const ask = (authorization: string) =>
      supertest(app.getHttpServer())
        .post('/internal/preview')
        .set('authorization', authorization)
        .send({ metric: 'bets' });
    expect((await ask('Bearer other')).status).toBe(401);
    expect((await ask('')).status).toBe(401);
  });
});
