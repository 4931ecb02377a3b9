import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricBody, RetentionMetric } from '@paddock/metrics';
import { seededRandom } from '@paddock/testing';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { AnswerCache } from './answer-cache.js';
import { Queries } from './queries.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const DAYS = 60;
const NOW = START + DAYS * DAY;
const LATENESS = { time: { allowedLateness: '9999d', outOfOrder: '1s' } };
const iso = (at: number): string => new Date(at).toISOString();

const pair = { base: { event: 'visit' }, conversion: { event: 'buy' } } as const;
const retention = (mode: RetentionMetric['mode'], cohort: 'first' | 'every', period: 'day' | 'week' = 'day') => ({
  retention: { start: { event: 'visit' }, return: { event: 'buy' }, mode, cohort, period, periods: 4 },
});
const series: Record<string, Omit<MetricBody, 'title'>> = {
  visits: { simple: { event: 'visit', agg: 'count' } },
  visitors: { simple: { event: 'visit', agg: 'count_distinct', expr: '$user' } },
  per_visitor: {
    ratio: { numerator: { metric: 'visits' }, denominator: { metric: 'visitors', offsetWindow: '1 month' } },
  },
  change: {
    derived: {
      expr: 'a - b',
      inputs: [
        { metric: 'visits', alias: 'a' },
        { metric: 'visits', alias: 'b', offsetWindow: '1w' },
      ],
    },
  },
  trailing: { cumulative: { metric: 'visitors', window: '7d' } },
  to_date: { cumulative: { metric: 'visits', grainToDate: 'month', periodAgg: 'average' } },
  conversions: { conversion: { ...pair, calculation: 'conversions', window: '7d' } },
  rate: { conversion: { ...pair, calculation: 'conversion_rate', window: '1 month', counting: 'converters' } },
  unlimited: { conversion: { ...pair, calculation: 'conversions' } },
  sessions: { session: { events: [{ event: 'visit' }, { event: 'buy' }], gap: '1d', measure: 'events_per_session' } },
};
const cohorts: Record<string, Omit<MetricBody, 'title'>> = {
  rolling_first: retention('rolling', 'first'),
  rolling_every: retention('rolling', 'every'),
  rolling_weeks: retention('rolling', 'first', 'week'),
  bounded_first: retention('bounded', 'first'),
  bounded_every: retention('bounded', 'every'),
};

describe('the answer for a bucket', () => {
  const random = seededRandom();
  const timeZone = 'Europe/London';
  let test: TestAnalytics;
  let queries: Queries;

  beforeAll(async () => {
    test = await testAnalytics({ clock: () => NOW });
    await test.analytics.apply(
      definitions([contract('visit', { user: 'string' }, LATENESS), contract('buy', { user: 'string' }, LATENESS)], {
        ...series,
        ...cohorts,
      }),
    );
    await test.analytics.processor.start();
    const events = Array.from({ length: 600 }, (_, index) => ({
      event: random.next() < 0.6 ? 'visit' : 'buy',
      id: `e${index}`,
      at: iso(START + random.integer(0, DAYS * DAY - 1)),
      user: `u${random.integer(0, 25)}`,
    }));
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(events.length);
    queries = new Queries(() => test.analytics.context, new AnswerCache());
  });
  afterAll(() => test.close());

  async function seriesOf(metric: string, from: number, to: number): Promise<Map<number, string>> {
    const { answer } = await queries.series({
      metric,
      from: iso(from),
      to: iso(to),
      grain: 'day',
      timeZone,
      compareTo: 'PREVIOUS_MONTH',
    });
    const [row] = answer.rows;
    return new Map(
      answer.intervals.map(({ start }, index) => [
        start,
        `${row?.values[index]?.toFixed(8) ?? null} after ${row?.previous[index]?.toFixed(8) ?? null}`,
      ]),
    );
  }

  async function cohortsOf(metric: string, from: number, to: number): Promise<Map<number, string>> {
    const answer = await queries.retention({ metric, from: iso(from), to: iso(to), timeZone });
    return new Map(answer.map(({ start, size, returned }) => [start, `${size}: ${returned.join()}`]));
  }

  it.each([
    ...Object.keys(series).map((metric) => [metric, seriesOf] as const),
    ...Object.keys(cohorts).map((metric) => [metric, cohortsOf] as const),
  ])('of %s is the same whatever range contains it', async (metric, ask) => {
    const whole = await ask(metric, START - 40 * DAY, NOW + 12 * DAY);
    expect(new Set(whole.values()).size).toBeGreaterThan(5);
    for (let round = 0; round < 5; round += 1) {
      const from = START + random.integer(0, DAYS * DAY - 1);
      const part = await ask(metric, from, from + random.integer(1, 9 * DAY));
      const expected = [...part.keys()].map((start) => [start, whole.get(start)]);
      expect({ seed: random.seed, part: [...part] }).toEqual({ seed: random.seed, part: expected });
    }
  });
});
