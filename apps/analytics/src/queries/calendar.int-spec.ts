import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricBody, PeriodComparison } from '@paddock/metrics';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { AnswerCache } from './answer-cache.js';
import { Queries } from './queries.js';

const LATENESS = { time: { allowedLateness: '9999d', outOfOrder: '1s' } };
const bet = contract('bet', { amount: 'number' }, LATENESS);
const sum: Omit<MetricBody, 'title'> = { simple: { event: 'bet', agg: 'sum', expr: 'amount' } };
const count: Omit<MetricBody, 'title'> = { simple: { event: 'bet', agg: 'count' } };
const earlier = (metric: string, offsetWindow: string): Omit<MetricBody, 'title'> => ({
  derived: { expr: 'x', inputs: [{ metric, alias: 'x', offsetWindow }] },
});
const visit = contract('visit', { user: 'string' }, LATENESS);
const buy = contract('buy', { user: 'string' }, LATENESS);
const pair = { base: { event: 'visit' }, conversion: { event: 'buy' }, calculation: 'conversions' } as const;
const steps = [
  { name: 'visit', event: 'visit' },
  { name: 'buy', event: 'buy' },
];

const metrics: Record<string, Omit<MetricBody, 'title'>> = {
  stake: sum,
  bets: count,
  month_ago: earlier('stake', '1 month'),
  quarter_ago: earlier('stake', '1 quarter'),
  year_ago: earlier('stake', '1 year'),
  day_ago: earlier('bets', '1d'),
  month_start: { derived: { expr: 'x', inputs: [{ metric: 'stake', alias: 'x', offsetToGrain: 'month' }] } },
  growth: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'stake', offsetWindow: '1 month' } } },
  trailing: { cumulative: { metric: 'bets', window: '7d' } },
  trailing_month_ago: earlier('trailing', '1 month'),
  within_month: { conversion: { ...pair, window: '1 month' } },
  within_day: { conversion: { ...pair, window: '1d' } },
  converters: { conversion: { ...pair, window: '1 month', counting: 'converters' } },
  path_month: { funnel: { order: 'ordered', window: '1 month', steps } },
  path_day: { funnel: { order: 'ordered', window: '1d', steps } },
  strict_day: { funnel: { order: 'strict', window: '1d', steps } },
  any_day: { funnel: { order: 'unordered', window: '1d', steps } },
  step_day: {
    funnel: {
      order: 'ordered',
      window: '1 year',
      steps: [steps[0] ?? { name: '', event: '' }, { name: 'buy', event: 'buy', within: '1d' }],
    },
  },
  sessions: { session: { events: [{ event: 'visit' }], gap: '1d', measure: 'sessions' } },
};

let test: TestAnalytics;
let queries: Queries;
let ids = 0;

async function world(events: readonly object[]): Promise<void> {
  test = await testAnalytics();
  await test.analytics.apply(definitions([bet, visit, buy], metrics));
  await test.analytics.start();
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(events.length);
  queries = new Queries(() => test.analytics.context, new AnswerCache());
}
const staked = (at: string, amount = 1) => ({ event: 'bet', id: `e${(ids += 1)}`, at, amount });
const did = (event: string, user: string, at: string) => ({ event, id: `e${(ids += 1)}`, at, user });

async function series(
  metric: string,
  from: string,
  to: string,
  {
    grain = 'day',
    timeZone = 'UTC',
    compareTo,
  }: { grain?: string; timeZone?: string; compareTo?: PeriodComparison } = {},
) {
  const { answer } = await queries.series({ metric, from, to, grain, timeZone, compareTo });
  const shown = (values: readonly ({ toNumber(): number } | null)[] = []) =>
    values.map((value) => value?.toNumber() ?? null);
  return {
    values: shown(answer.rows[0]?.values),
    previous: shown(answer.rows[0]?.previous),
    starts: answer.intervals.map(({ start }) => new Date(start).toISOString()),
  };
}

describe('numbers of an earlier time', () => {
  beforeAll(async () => {
    await world([
      ...[
        ['2026-01-28', 3],
        ['2026-01-29', 5],
        ['2026-01-30', 7],
        ['2026-01-31', 11],
        ['2026-02-27', 13],
        ['2026-02-28', 17],
        ['2025-02-28', 19],
      ].map(([day, amount]) => staked(`${day}T12:00:00Z`, Number(amount))),
      staked('2026-10-25T00:30:00Z'),
      staked('2026-11-01T05:30:00Z'),
      staked('2026-03-29T01:30:00Z', 23),
      staked('2026-10-24T23:30:00Z', 0),
    ]);
  });
  afterAll(() => test.close());

  it('are those of one whole day, also where the month before has fewer', async () => {
    expect((await series('month_ago', '2026-02-28T00:00:00Z', '2026-03-01T00:00:00Z')).values).toEqual([3]);
    expect((await series('month_ago', '2026-03-27T00:00:00Z', '2026-04-01T00:00:00Z')).values).toEqual([
      13, 17, 17, 17, 17,
    ]);
    expect((await series('quarter_ago', '2026-04-28T00:00:00Z', '2026-05-01T00:00:00Z')).values).toEqual([3, 5, 7]);
    expect((await series('year_ago', '2026-02-28T00:00:00Z', '2026-03-02T00:00:00Z')).values).toEqual([19, null]);
    expect((await series('growth', '2026-02-28T00:00:00Z', '2026-03-01T00:00:00Z')).values[0]).toBeCloseTo(17 / 3, 10);
    expect((await series('month_start', '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z')).values).toEqual([null]);
  });

  it('are the same whether a metric or a query asks for them', async () => {
    const days = ['2026-03-27T00:00:00Z', '2026-04-01T00:00:00Z'] as const;
    expect((await series('stake', ...days, { compareTo: 'PREVIOUS_MONTH' })).previous).toEqual(
      (await series('month_ago', ...days)).values,
    );
    expect(
      (await series('stake', '2026-04-28T00:00:00Z', '2026-05-01T00:00:00Z', { compareTo: 'PREVIOUS_QUARTER' }))
        .previous,
    ).toEqual([3, 5, 7]);
    const byHour = await series('stake', '2026-03-28T12:00:00Z', '2026-03-28T13:00:00Z', {
      grain: 'hour',
      compareTo: 'PREVIOUS_MONTH',
    });
    expect(byHour.previous).toEqual([17]);
  });

  it('are cumulative up to the end of the compared day', async () => {
    const { values } = await series('trailing_month_ago', '2026-03-29T00:00:00Z', '2026-04-01T00:00:00Z');
    expect(values).toEqual([2, 2, 2]);
  });

  it('are those of the first of two equal hours on the day after the clocks went back', async () => {
    const { values, starts } = await series('day_ago', '2026-10-25T23:00:00Z', '2026-10-26T03:00:00Z', {
      grain: 'hour',
      timeZone: 'Europe/London',
    });
    expect(values[starts.indexOf('2026-10-26T00:00:00.000Z')]).toBe(1);
    expect(values[starts.indexOf('2026-10-26T01:00:00.000Z')]).toBe(1);
    expect(values[starts.indexOf('2026-10-26T02:00:00.000Z')]).toBe(0);
    const newYork = await series('day_ago', '2026-11-02T04:00:00Z', '2026-11-02T08:00:00Z', {
      grain: 'hour',
      timeZone: 'America/New_York',
    });
    expect(newYork.values).toEqual([0, 0, 1, 0]);
    const compared = await series('bets', '2026-11-02T04:00:00Z', '2026-11-02T08:00:00Z', {
      grain: 'hour',
      timeZone: 'America/New_York',
      compareTo: 'PREVIOUS_DAY',
    });
    expect(compared.previous).toEqual(newYork.values);
  });

  it('are those of the hour after the gap on the day after the clocks went forward', async () => {
    const { previous, starts } = await series('stake', '2026-03-29T23:00:00Z', '2026-03-30T02:00:00Z', {
      grain: 'hour',
      timeZone: 'Europe/London',
      compareTo: 'PREVIOUS_DAY',
    });
    expect(starts[1]).toBe('2026-03-30T00:00:00.000Z');
    expect(previous).toEqual([null, 23, 23]);
  });

  it('cover a window that begins in the hour that comes twice from its first occurrence', async () => {
    const { values } = await series('trailing', '2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z', {
      grain: 'hour',
      timeZone: 'Europe/London',
    });
    expect(values).toEqual([1]);
  });
});

describe('windows on the calendar', () => {
  beforeAll(async () => {
    await world([
      did('visit', 'january', '2026-01-01T00:00:00Z'),
      did('buy', 'january', '2026-01-31T12:00:00Z'),
      did('visit', 'last moment', '2026-01-01T00:00:00Z'),
      did('buy', 'last moment', '2026-02-01T00:00:00Z'),
      did('visit', 'too late', '2026-01-01T00:00:00Z'),
      did('buy', 'too late', '2026-02-01T00:00:00.001Z'),
      did('visit', 'february', '2026-02-01T00:00:00Z'),
      did('buy', 'february', '2026-03-02T12:00:00Z'),
      // The visit of 30 January has until 28 February 01:00, the one before it until 23:00.
      did('visit', 'clamped', '2026-01-29T23:00:00Z'),
      did('visit', 'clamped', '2026-01-30T01:00:00Z'),
      did('buy', 'clamped', '2026-02-28T10:00:00Z'),
      did('visit', 'long day', '2026-10-24T23:30:00Z'),
      did('buy', 'long day', '2026-10-26T00:15:00Z'),
    ]);
  });
  afterAll(() => test.close());
  const conversions = async (metric: string, from: string, to: string, timeZone = 'UTC') =>
    (await series(metric, from, to, { timeZone })).values;
  const funnel = async (metric: string, from: string, to: string, timeZone = 'UTC') =>
    (await queries.funnel({ metric, from, to, timeZone })).groups[0]?.steps.map((step) => step.count);

  it('are as long as the calendar says, up to and with the last moment, in conversions and funnels', async () => {
    expect(await conversions('within_month', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toEqual([2]);
    expect(await conversions('within_month', '2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z')).toEqual([0]);
    expect(await funnel('path_month', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toEqual([3, 2]);
    expect(await funnel('path_month', '2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z')).toEqual([1, 0]);
  });

  it('have 25 hours on the day on which clocks go back', async () => {
    const day = ['2026-10-24T23:00:00Z', '2026-10-25T00:00:00Z'] as const;
    expect(await conversions('within_day', ...day, 'Europe/London')).toEqual([1]);
    expect(await conversions('within_day', '2026-10-24T00:00:00Z', '2026-10-25T00:00:00Z')).toEqual([0]);
    for (const metric of ['path_day', 'strict_day', 'any_day', 'step_day']) {
      expect({ metric, counts: await funnel(metric, ...day, 'Europe/London') }).toEqual({ metric, counts: [1, 1] });
      expect({ metric, counts: await funnel(metric, ...day) }).toEqual({ metric, counts: [1, 0] });
    }
  });

  it('credit the last base event whose window a conversion lies in: a later visit never takes a credit from an earlier one', async () => {
    expect(await conversions('within_month', '2026-01-29T00:00:00Z', '2026-01-31T00:00:00Z')).toEqual([1, 0]);
    expect(await conversions('converters', '2026-01-29T00:00:00Z', '2026-01-31T00:00:00Z')).toEqual([1, 0]);
    expect(await funnel('path_month', '2026-01-29T00:00:00Z', '2026-01-31T00:00:00Z')).toEqual([1, 1]);
  });

  it('end sessions', async () => {
    expect((await series('sessions', '2026-01-29T00:00:00Z', '2026-01-31T00:00:00Z')).values).toEqual([1, 0]);
  });
});
