import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buckets } from '@paddock/metrics';
import { Sources } from '../processor/sources.js';
import { readSeries } from '../queries/series.js';
import { InvalidQuery } from '../queries/query-problems.js';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { pino } from 'pino';
import { readSegmentBatch } from '../collector/segment.js';
import type { RepairStep } from './mapping.js';

const START = Date.UTC(2026, 0, 5, 10);
const MINUTE = 60_000;
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { user: 'string', amount: 'number', sport: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '1h' } },
);

describe('the quarantine', () => {
  let now = START;
  let test: TestAnalytics;
  let serving: Serving;
  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(
      definitions([bet], {
        bets: { simple: { event: 'bet', agg: 'count' } },
        stake: { simple: { event: 'bet', agg: 'sum', expr: 'amount' } },
      }),
    );
    await test.analytics.processor.start();
    serving = await Serving.open(test.analytics, pino({ level: 'fatal' }));
  });
  afterAll(async () => {
    await serving.close();
    await test.close();
  });

  const { counts } = { counts: () => test.analytics.processor.counts };
  const event = (id: string, minute: number, more: object = {}) => ({
    event: 'bet',
    id,
    at: iso(START + minute * MINUTE),
    user: 'u',
    amount: 1,
    ...more,
  });
  const refusedAre = (count: number) =>
    test.until(() => counts().refused + counts().tooLate >= count, { what: `${count} refused events` });
  const value = async (metric: string, minute = 0): Promise<number | undefined> => {
    const intervals = buckets(START + minute * MINUTE, START + (minute + 1) * MINUTE, 'minute', 'UTC');
    return (
      await readSeries(test.analytics.context, { metric, intervals, timeZone: 'UTC' })
    ).rows[0]?.values[0]?.toNumber();
  };
  const finality = async (minute = 0): Promise<string | undefined> => {
    const intervals = buckets(START + minute * MINUTE, START + (minute + 1) * MINUTE, 'minute', 'UTC');
    return (await readSeries(test.analytics.context, { metric: 'bets', intervals, timeZone: 'UTC' })).finality[0];
  };
  const asked = async (): Promise<object> => {
    const { answer } = await serving.queries.series({
      metric: 'bets',
      from: iso(START),
      to: iso(START + MINUTE),
      grain: 'minute',
    });
    return { finality: answer.finality[0], value: answer.rows[0]?.values[0]?.toNumber() };
  };
  const repair = (mapping: RepairStep[], { dryRun = false, code = 'CONTRACT_VIOLATION' } = {}) =>
    serving.quarantine.repair({ where: { code }, mapping, dryRun, limit: 1_000 });

  it('shows refused events, by page and by reason', async () => {
    now = START + 5 * MINUTE;
    const bad = Array.from({ length: 5 }, (_, index) => event(`bad${index}`, 0, { amount: `${index}.5` }));
    expect((await test.send([event('good', 0), ...bad, { event: 'nope' }], 'web')).rejected).toHaveLength(6);
    await refusedAre(6);
    const first = await serving.quarantine.browse({ code: 'CONTRACT_VIOLATION', producer: 'web' }, { first: 3 });
    const second = await serving.quarantine.browse({ code: 'CONTRACT_VIOLATION' }, { first: 3, after: first.next });
    expect([...first.events, ...second.events].map(({ message, state }) => [message, state])).toEqual(
      Array.from({ length: 5 }, () => ['amount must be number,null', 'OPEN']),
    );
    expect(new Set([...first.events, ...second.events].map(({ id }) => id)).size).toBe(5);
    expect(second.next).toBeNull();
    expect(await serving.quarantine.counts({})).toEqual([
      { event: 'bet', code: 'CONTRACT_VIOLATION', producer: 'web', count: 5 },
      { event: 'nope', code: 'UNKNOWN_EVENT', producer: 'web', count: 1 },
    ]);
  });

  it('tries a mapping without side effects, then repairs, and the windows follow; a second repair changes nothing', async () => {
    const steps: RepairStep[] = [
      { convert: { field: 'amount', to: 'NUMBER' } },
      { set: { field: 'sport', value: 'golf' } },
    ];
    expect(await repair([], { dryRun: true })).toMatchObject({ matched: 5, repaired: 0, stillRefused: 5 });
    const tried = await repair(steps, { dryRun: true });
    expect(tried).toMatchObject({
      matched: 5,
      repaired: 5,
      stillRefused: 0,
      examples: expect.arrayContaining([
        expect.objectContaining({ problem: null, after: expect.stringContaining('"sport":"golf"') }),
      ]),
    });
    expect(await value('bets')).toBe(1);
    expect(await repair(steps)).toMatchObject({ repaired: 5 });
    await test.until(async () => (await value('stake')) === 1 + 0.5 + 1.5 + 2.5 + 3.5 + 4.5);
    expect(await repair(steps)).toMatchObject({ matched: 0, repaired: 0 });
    expect((await serving.quarantine.browse({ state: 'REPAIRED' }, { first: 10 })).events).toHaveLength(5);
    await test.analytics.store.engine.run(
      "INSERT INTO quarantine SELECT * REPLACE ('OPEN' AS state, changed + 1 AS changed) FROM quarantine FINAL WHERE code = 'CONTRACT_VIOLATION'",
    );
    const stored = test.handled();
    expect(await repair(steps)).toMatchObject({ repaired: 5 });
    await test.stored(stored + 5);
    expect(await value('bets')).toBe(6);
  });

  it('ingests late events on request, and revises the final window', async () => {
    now = START + 300 * MINUTE;
    const stored = test.handled();
    await test.send([event('newest', 299)]);
    await test.stored(stored + 1);
    const tooLate = counts().tooLate;
    await test.send([event('late', 0, { amount: 100, sport: 'chess', extra: 'kept' })], 'till');
    await test.until(() => counts().tooLate === tooLate + 1);
    expect(await value('bets')).toBe(6);
    expect(await finality()).toBe('FINAL');
    expect(await repair([], { code: 'TOO_LATE' })).toMatchObject({ matched: 1, repaired: 1 });
    await test.until(async () => (await value('bets')) === 7);
    expect(await finality()).toBe('REVISED');
    expect(await finality(1)).toBe('FINAL');
    // The cache gives the same answer, and the new one after the window is final.
    expect(await asked()).toEqual({ finality: 'REVISED', value: 7 });
    const restarted = new Sources(test.analytics.store);
    await restarted.follow(bet, now);
    expect(restarted.finality('bet', START, START + MINUTE, now)).toBe('REVISED');
    now += 59 * MINUTE;
    expect(await asked()).toEqual({ finality: 'REVISED', value: 7 });
    now += 3 * MINUTE;
    expect(await asked()).toEqual({ finality: 'FINAL', value: 7 });
    expect(await finality()).toBe('FINAL');
    now -= 62 * MINUTE;
    expect(
      await test.analytics.store.engine.select(
        "SELECT _producer, _user, sport, toString(amount) AS amount, _extra FROM raw_bet WHERE _id = 'late'",
      ),
    ).toEqual([{ _producer: 'till', _user: 'u', sport: 'chess', amount: '100', _extra: '{"extra":"kept"}' }]);
  });

  it('repairs Segment messages, with the clock skew of their first receipt', async () => {
    const sentAt = iso(now - 60 * MINUTE);
    const message = {
      type: 'track',
      event: 'Bet',
      messageId: 'seg',
      userId: 'ann',
      timestamp: iso(now - 60 * MINUTE),
      properties: { amount: 'seven' },
    };
    const batch = readSegmentBatch({ batch: [message], sentAt }, test.analytics.collector.contracts, 10);
    const refused = counts().refused;
    await test.analytics.collector.take(batch.events, { producer: 'web', sentAt: batch.sentAt });
    await test.until(() => counts().refused === refused + 1);
    expect(await repair([{ set: { field: 'amount', value: 7 } }])).toMatchObject({ repaired: 1 });
    await test.until(async () => (await value('stake', 300)) === 7);
  });

  it('ingests a late Segment message again whose app has its own version', async () => {
    const at = iso(START + 320 * MINUTE);
    now = START + 500 * MINUTE;
    const message = (id: string, timestamp: string) => ({
      type: 'track',
      event: 'Bet',
      messageId: id,
      userId: 'ann',
      timestamp,
      properties: { amount: 9, version: '7.3', sent_at: at },
    });
    const take = (one: object) =>
      test.analytics.collector.take(readSegmentBatch({ batch: [one] }, test.analytics.collector.contracts, 10).events, {
        producer: 'web',
      });
    const { stored, tooLate } = counts();
    await take(message('seg-now', iso(now)));
    await test.until(() => test.handled() === stored + 1);
    expect(await take(message('seg-late', at))).toEqual({ accepted: 1, rejected: [] });
    await test.until(() => counts().tooLate === tooLate + 1);
    expect(await repair([], { code: 'TOO_LATE' })).toMatchObject({ repaired: 1, stillRefused: 0 });
    await test.until(async () => (await value('stake', 320)) === 9);
    expect(
      await test.analytics.store.engine.select("SELECT _contract, _skew, _extra FROM raw_bet WHERE _id = 'seg-late'"),
    ).toEqual([{ _contract: '1.0.0', _skew: 0, _extra: JSON.stringify({ version: '7.3', sent_at: at }) }]);
  });

  it('names every mistake in a mapping', async () => {
    const steps: RepairStep[] = [{ drop: { field: '__proto__.x' } }, { rename: { from: 'a', to: '' } }];
    await expect(repair(steps)).rejects.toMatchObject({
      problems: [
        { path: 'mapping[0].drop.field', code: 'INVALID_NAME' },
        { path: 'mapping[1].rename.to', code: 'INVALID_NAME' },
      ],
    });
    await expect(serving.quarantine.browse({ from: 'yesterday' }, { first: 1 })).rejects.toThrow(InvalidQuery);
    await expect(serving.quarantine.browse({}, { first: 1, after: 'x' })).rejects.toThrow(InvalidQuery);
  });
});
