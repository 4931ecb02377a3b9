import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { MetricBody } from '@paddock/metrics';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { user: 'string', amount: 'number' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const simple = (
  agg: 'count' | 'sum' | 'min' | 'max' | 'average' | 'count_distinct' | 'percentile',
  more: object = {},
): Omit<MetricBody, 'title'> => ({
  simple: { event: 'bet', agg, ...(agg === 'count' ? {} : { expr: 'amount' }), ...more },
});
const metrics: Record<string, Omit<MetricBody, 'title'>> = {
  count: simple('count'),
  sum: simple('sum'),
  min: simple('min'),
  max: simple('max'),
  average: simple('average'),
  median: simple('percentile', { percentile: 0.5 }),
  distinct: simple('count_distinct', { expr: '$user' }),
  approximate: simple('count_distinct', { expr: '$user', accuracy: 'approximate' }),
  product: simple('sum', { expr: 'amount * amount' }),
  ratio: { ratio: { numerator: { metric: 'sum' }, denominator: { metric: 'distinct' } } },
  derived: { derived: { expr: 'sum - count', inputs: [{ metric: 'sum' }, { metric: 'count' }] } },
};

/** The figures of the second and third hour, and that of the events of the third one that the batch can have seen. */
const figures: Record<keyof typeof metrics, { second: string; third: string; onTime: string }> = {
  count: { second: '3', third: '5', onTime: '2' },
  sum: { second: '11', third: '26', onTime: '8' },
  min: { second: '3', third: '4', onTime: '4' },
  max: { second: '4', third: '6', onTime: '4' },
  average: { second: '3.6667', third: '5.2', onTime: '4' },
  median: { second: '4', third: '6', onTime: '4' },
  distinct: { second: '2', third: '4', onTime: '1' },
  approximate: { second: '2', third: '4', onTime: '1' },
  product: { second: '41', third: '140', onTime: '32' },
  ratio: { second: '5.5', third: '6.50', onTime: '8' },
  derived: { second: '8', third: '21', onTime: '6' },
};

describe('what a batch says', () => {
  let now = START + 4 * HOUR;
  let test: TestAnalytics;
  let serving: Serving;
  let ids = 0;
  let takenAt = '';

  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(definitions([bet], metrics));
    await test.analytics.processor.start();
    serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    // Nothing in the first hour; of the fourth, nothing had come when the batch ran.
    await send(event(1, 'a', 3), event(1, 'b', 4), event(1, 'a', 4), event(2, 'a', 4), event(2, 'a', 4));
    takenAt = iso(now);
    now += 60_000;
    await send(event(2, 'b', 6), event(2, 'c', 6), event(2, 'd', 6), event(3, 'a', 7), event(3, 'b', 7));
    now += 5 * 60_000;
    await test.analytics.rollups.advance();
    now += 10_000;
    await test.analytics.rollups.advance();
    await serving.reconciliations.compareDue();
  });
  afterAll(async () => {
    await serving.close();
    await test.close();
  });

  const event = (hour: number, user: string, amount: number) => ({
    event: 'bet',
    id: `e${(ids += 1)}`,
    at: iso(START + hour * HOUR + ids),
    user,
    amount,
  });
  async function send(...events: object[]): Promise<void> {
    const before = test.analytics.processor.counts.stored;
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(before + events.length);
  }
  async function causes(metric: string, source: string, values: Readonly<Record<number, string | null>>) {
    const rows = Object.entries(values).map(([hour, value]) => ({ start: iso(START + Number(hour) * HOUR), value }));
    return (await serving.imports.importBatch({ metric, source, grain: 'hour', takenAt, rows })).map(
      ({ cause }) => cause,
    );
  }

  it.each(Object.keys(metrics))('of %s is explained where it is right, and found where it is wrong', async (metric) => {
    const { second, third, onTime } = figures[metric] ?? { second: '', third: '', onTime: '' };
    const wrong = '1234567.89';
    expect(await causes(metric, 'zeros', { 0: '0', 1: second, 2: third, 3: '0' })).toEqual([
      'NONE',
      'NONE',
      'NONE',
      'LATE',
    ]);
    expect(await causes(metric, 'nulls', { 0: null, 1: second, 2: onTime, 3: null })).toEqual([
      'NONE',
      'NONE',
      metric === 'min' ? 'NONE' : 'LATE',
      'LATE',
    ]);
    expect(await causes(metric, 'without rows', { 1: second, 2: onTime })).toEqual([
      'NONE',
      metric === 'min' ? 'NONE' : 'LATE',
    ]);
    expect(
      await serving.imports.setAuthority(metric, 'AUTHORITATIVE', { reason: 'all is explained', by: 'ops' }),
    ).toEqual([]);
    expect(await causes(metric, 'wrong', { 0: wrong, 1: wrong, 2: wrong, 3: wrong })).toEqual([
      'UNEXPLAINED',
      'UNEXPLAINED',
      'UNEXPLAINED',
      'UNEXPLAINED',
    ]);
    expect(await causes(metric, 'lost', { 1: '0', 2: null })).toEqual(['UNEXPLAINED', 'UNEXPLAINED']);
    expect(await serving.imports.setAuthority(metric, 'BATCH_RETIRED', { reason: 'try', by: 'ops' })).toMatchObject([
      { code: 'BATCH_DIFFERS' },
    ]);
  });

  it.each([
    ['3.67', 'NONE'],
    ['3.666667', 'NONE'],
    ['3.66', 'UNEXPLAINED'],
    ['3.668', 'UNEXPLAINED'],
    ['4', 'UNEXPLAINED'],
    ['3.7', 'UNEXPLAINED'],
  ])('of a mean of 11 / 3 may be rounded: %s', async (value, cause) => {
    expect(await causes('average', `rounded ${value}`, { 1: value })).toEqual([cause]);
  });

  it('of a sum may not be rounded', async () => {
    expect(await causes('sum', 'rounded', { 1: '11.001' })).toEqual(['UNEXPLAINED']);
  });
});
