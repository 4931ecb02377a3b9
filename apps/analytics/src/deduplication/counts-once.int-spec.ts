import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { operationsOf } from '@paddock/http-server';
import { memoryEventLog } from '@paddock/eventlog';
import { fc, temporaryDirectory } from '@paddock/testing';
import { ProducerKeys } from '../collector/producer-keys.js';
import { createServer } from '../http/create-server.js';
import { buckets } from '@paddock/metrics';
import { readSeries } from '../queries/series.js';
import { Serving } from '../serving.js';
import { EVENTS_TOPIC } from '../log/topic.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { findInMinutes } from './stored-ids.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5, 10);
const iso = (at: number): string => new Date(at).toISOString();
const order = contract(
  'order_completed',
  { user: 'string', amount: 'number' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const simple = (agg: 'count' | 'sum' | 'count_distinct', expr?: string) => ({
  simple: { event: 'order_completed', agg, ...(expr === undefined ? {} : { expr }) },
});
const defined = definitions([order], {
  orders: simple('count'),
  turnover: simple('sum', 'amount'),
  buyers: simple('count_distinct', '$user'),
});

describe('an event id', () => {
  let now = START;
  let test: TestAnalytics;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let log = memoryEventLog();

  beforeEach(async () => {
    now = START;
    directory = await temporaryDirectory();
    log = memoryEventLog();
    await open();
  });
  afterEach(async () => {
    await test.close();
    await directory.remove();
  });

  async function open(): Promise<void> {
    test = await testAnalytics({ clock: () => now, log, storeDirectory: directory.path });
    await test.analytics.apply(defined);
    await test.analytics.processor.start();
  }
  /** The process ends and another one opens the same store, with the same log or an empty one. */
  async function restart({ emptyLog = false } = {}): Promise<void> {
    await test.analytics.close();
    if (emptyLog) log = memoryEventLog();
    await open();
  }
  const event = (id: string, at: number, more: object = {}) => ({
    event: 'order_completed',
    id,
    at: iso(at),
    user: 'u',
    amount: 10,
    ...more,
  });
  async function send(...events: object[]): Promise<void> {
    const before = test.handled();
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(before + events.length);
  }
  async function total(metric: string, from = START - 2 * DAY, to = START + 40 * DAY): Promise<number | undefined> {
    const { rows } = await readSeries(test.analytics.context, {
      metric,
      intervals: buckets(from, to, 'year', 'UTC'),
      timeZone: 'UTC',
    });
    return rows
      .flatMap(({ values }) => values.map((value) => value?.toNumber() ?? 0))
      .reduce((sum, value) => sum + value, 0);
  }
  const totals = async (): Promise<unknown[]> => [await total('orders'), await total('turnover')];

  it('counts once when the same batch comes three times, byte for byte, though its corrected times differ', async () => {
    const app: NestFastifyApplication = await createServer(
      test.analytics,
      new ProducerKeys(new Map(), true),
      pino({ level: 'silent' }),
    );
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const batch = [
      {
        type: 'track',
        event: 'Order Completed',
        userId: 'u1',
        messageId: 'retry-1',
        timestamp: iso(START - 20 * MINUTE),
        properties: { amount: 10 },
      },
    ];
    const body = JSON.stringify({ sentAt: iso(START), batch });
    for (const [index, seconds] of [0, 47, 67].entries()) {
      now = START + seconds * SECOND;
      await supertest(app.getHttpServer())
        .post('/v1/batch')
        .set('content-type', 'application/json')
        .send(body)
        .expect(200, { success: true, accepted: 1, rejected: [] });
      await test.stored(index + 1);
      expect(await totals()).toEqual([1, 10]);
    }
    expect(test.analytics.processor.counts).toMatchObject({ stored: 1, duplicates: 2 });
    const text = await (await fetch(`${operationsOf(app.getHttpAdapter().getInstance()).url}/metrics`)).text();
    expect(text).toMatch(/analytics_duplicates_total(\{[^}]*\})? 2/);
    now += HOUR;
    await test.settle();
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    await serving.reconciliations.compareDue();
    expect(await serving.reconciliations.status('orders')).toMatchObject({ state: 'EQUAL' });
    await serving.close();
    await app.close();
  });

  it('keeps the first event that was accepted: within a batch, within a minute, within a millisecond', async () => {
    await send(
      event('a', START, { amount: 1 }),
      event('a', START - 5 * MINUTE, { amount: 2 }),
      event('b', START, { amount: 100 }),
      event('a', START, { amount: 3 }),
    );
    await send(event('a', START, { amount: 4 }), event('b', START + SECOND, { amount: 200 }));
    now += HOUR;
    await send(event('a', START + 30 * MINUTE, { amount: 5 }));
    expect(await totals()).toEqual([2, 101]);
    expect(test.handled()).toBe(7);
  });

  it('is looked up among more minutes than one statement can name', async () => {
    const minutes = Array.from({ length: 20_000 }, (_, index) => Math.floor(START / MINUTE) - index);
    const events = minutes.map((minute) => event(`many-${minute}`, minute * MINUTE));
    // In one request: their minutes alone are 180 KB of a record of 1 MB at most.
    await send(...events);
    const places = new Map(minutes.map((minute) => [`many-${minute}`, new Set([minute])]));
    const found = await findInMinutes(test.analytics.store.engine, 'order_completed', places);
    expect([...found.values()].filter((occurrences) => occurrences.length === 1)).toHaveLength(20_000);
  });

  it('counts once across a restart, and when the log was lost and all of it is sent again with other times', async () => {
    await send(...Array.from({ length: 50 }, (_, index) => event(`e${index}`, START)));
    now += 10 * MINUTE;
    await restart();
    await send(event('e7', START + 5 * MINUTE));
    await restart({ emptyLog: true });
    await send(...Array.from({ length: 60 }, (_, index) => event(`e${index}`, START + 7 * MINUTE)));
    expect(await totals()).toEqual([60, 600]);
  });

  it('counts once through replays of the whole log, also when its beginning is gone', async () => {
    await send(event('a', START), event('b', START));
    now += 2 * MINUTE;
    await send(event('a', START + MINUTE), event('c', START));
    now += 5 * DAY;
    await send(event('d', now));
    const records = await Promise.all(
      Array.from({ length: EVENTS_TOPIC.partitions }, (_, partition) =>
        log.read(EVENTS_TOPIC, partition, { limit: 100 }),
      ),
    );
    const replayed = records.flat();
    expect(replayed).toHaveLength(3);
    for (const from of [0, 1, 2]) {
      await restart({ emptyLog: true });
      await test.analytics.processor.handle(replayed.slice(from));
      expect(await totals()).toEqual([4, 40]);
    }
  });

  it('counts once for the window from its receipt, and is not compared with what was received before', async () => {
    await send(event('a', START), event('b', START));
    now = START + DAY;
    await send(event('a', now));
    expect(await total('orders')).toBe(2);
    now = START + DAY + 1;
    await send(event('b', now));
    expect(await total('orders')).toBe(3);
    await restart();
    await send(event('b', now + 1));
    expect(await total('orders')).toBe(3);
  });

  it('that the store refused, or that came too late, may be taken by the next event', async () => {
    const header = {
      kind: 'events',
      event: 'order_completed',
      columns: ['_id', '_time', '_received', 'amount'],
      minutes: [START / MINUTE, START / MINUTE + 1],
      newest: START,
      receivedAt: now,
      latenessMs: DAY,
    };
    const chunk = (...rows: string[]) =>
      test.log.append(EVENTS_TOPIC, [
        { key: 'order_completed', value: `${JSON.stringify({ ...header, count: rows.length })}\n${rows.join('\n')}` },
      ]);
    await chunk(
      `["a",${START},${now},"much"]`,
      `["a",${START + MINUTE},${now},5]`,
      `["a",${START},${now},6]`,
      `["b",${START},${now},7]`,
    );
    await test.until(() => test.analytics.processor.counts.poisoned === 1 && test.handled() === 3, {
      what: 'one row refused, three handled',
    });
    expect(await totals()).toEqual([2, 12]);
  });

  it('that was counted adds nothing when an event of it is taken out of the quarantine, however much later', async () => {
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    await test.send([event('a', START, { amount: 'ten' }), event('c', START, { amount: 'ten' })]);
    await test.until(() => test.analytics.processor.counts.refused === 2);
    now += MINUTE;
    await send(event('a', now));
    now += 30 * DAY;
    await send(event('b', now));
    await restart();
    const reopened = await Serving.open(test.analytics, pino({ level: 'silent' }));
    const before = test.handled();
    expect(
      await reopened.quarantine.repair({
        where: {},
        mapping: [{ set: { field: 'amount', value: 10 } }],
        dryRun: false,
        limit: 10,
      }),
    ).toMatchObject({ repaired: 2, stillRefused: 0 });
    await test.stored(before + 2);
    expect(await totals()).toEqual([3, 30]);
    await send(event('c', now));
    expect(await totals()).toEqual([3, 30]);
    await serving.close();
    await reopened.close();
  });

  it('counts once in random histories of repetitions, restarts and lost logs', async () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          ids: fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }),
          back: fc.nat(180),
          wait: fc.nat(9 * 60),
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom('restart' as const, 'log lost' as const) },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        run += 1;
        await test.analytics.store.engine.run('TRUNCATE TABLE raw_order_completed');
        /** By id, what is counted: minutes, and when each was first received. */
        const counted = new Map<string, Map<number, number>>();
        for (const [index, one] of steps.entries()) {
          if (typeof one === 'string') {
            await restart({ emptyLog: one === 'log lost' });
            continue;
          }
          now += one.wait * MINUTE;
          const events = one.ids.map((id) =>
            event(`${run}-${id}`, now - one.back * MINUTE, { amount: 1, user: `u${index}` }),
          );
          for (const { id, at } of events) {
            const known = counted.get(id) ?? new Map<number, number>();
            if ([...known.values()].some((receivedAt) => now - receivedAt <= DAY)) continue;
            // An event of the same minute has the same key in the store, whenever it comes.
            const minute = Math.floor(Date.parse(at) / MINUTE);
            counted.set(id, known.set(minute, known.get(minute) ?? now));
          }
          await send(...events);
        }
        const expected = [...counted.values()].reduce((sum, { size }) => sum + size, 0);
        expect({
          orders: await total('orders', START - 2 * DAY, now + DAY),
          turnover: await total('turnover', START - 2 * DAY, now + DAY),
        }).toEqual({ orders: expected, turnover: expected });
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
