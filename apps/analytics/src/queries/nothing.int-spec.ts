import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { MetricBody } from '@paddock/metrics';
import { seriesCsv } from '../csv/to-csv.js';
import { toMetricSeries } from '../graphql/to-series.js';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import type { AskedSeries } from './metric-series.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const NOW = START + 6 * HOUR;
const iso = (at: number): string => new Date(at).toISOString();
const LATENESS = { time: { allowedLateness: '9999d', outOfOrder: '1s' } };
const bet = contract('bet', { user: 'string', sport: 'string', amount: 'number' }, LATENESS);
const pay = contract('pay', { user: 'string' }, LATENESS);
const dimensions = [{ name: 'sport' }, { name: 'who', field: '$user' }];

const all: Record<string, Omit<MetricBody, 'title'>> = {
  bets: { simple: { event: 'bet', agg: 'count', dimensions } },
  sports: { simple: { event: 'bet', agg: 'count_distinct', expr: 'sport', dimensions } },
  players: { simple: { event: 'bet', agg: 'count_distinct', expr: '$user' } },
  named: { simple: { event: 'bet', agg: 'count', filter: { exists: { field: '$user' } } } },
  golf: { simple: { event: 'bet', agg: 'count', filter: { eq: { field: 'sport', value: 'golf' } }, dimensions } },
  stake: { simple: { event: 'bet', agg: 'sum', expr: 'amount' } },
  mean: { simple: { event: 'bet', agg: 'average', expr: 'amount' } },
  most: { simple: { event: 'bet', agg: 'max', expr: 'amount' } },
  median: { simple: { event: 'bet', agg: 'percentile', percentile: 0.5, expr: 'amount' } },
  per_bet: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'bets' } } },
  others: { derived: { expr: 'bets - golf', inputs: [{ metric: 'bets' }, { metric: 'golf' }] } },
  hour_ago: { derived: { expr: 'x', inputs: [{ metric: 'bets', alias: 'x', offsetWindow: '1h' }] } },
  trailing: { cumulative: { metric: 'bets', window: '2h' } },
  conversions: {
    conversion: { base: { event: 'bet' }, conversion: { event: 'pay' }, window: '1h', calculation: 'conversions' },
  },
  rate: {
    conversion: { base: { event: 'bet' }, conversion: { event: 'pay' }, window: '1h', calculation: 'conversion_rate' },
  },
  sessions: { session: { events: [{ event: 'bet' }], gap: '10m', measure: 'sessions' } },
};
const sparse = Object.fromEntries(
  Object.entries(all).map(([key, body]) => [`sparse_${key}`, { ...body, serving: { joinToTimespine: false } }]),
);
const filled = {
  simple: { event: 'bet', agg: 'sum', expr: 'amount' },
  serving: { joinToTimespine: false, fillNullsWith: 0 },
} as const;

let test: TestAnalytics;
let serving: Serving;
let ids = 0;
const event = (hour: number, more: object = {}) => ({
  event: 'bet',
  id: `e${(ids += 1)}`,
  at: iso(START + hour * HOUR),
  user: 'ann',
  amount: 2,
  sport: 'golf',
  ...more,
});

beforeAll(async () => {
  test = await testAnalytics({ clock: () => NOW });
  await test.analytics.apply(definitions([bet, pay], { ...all, ...sparse, filled }));
  await test.analytics.processor.start();
  const events = [
    event(1),
    event(1.25, { sport: '' }),
    event(1.5, { sport: '', user: '' }),
    event(1.75, { sport: null, user: null }),
    { ...event(1.1), event: 'pay' },
    event(3, { sport: 'chess', amount: null }),
  ];
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(events.length);
  serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
});
afterAll(async () => {
  await serving.close();
  await test.close();
});

const ask = (metric: string, more: Partial<AskedSeries> = {}) =>
  serving.queries.series({ metric, from: iso(START), to: iso(START + 5 * HOUR), grain: 'hour', ...more });
async function values(metric: string, more: Partial<AskedSeries> = {}): Promise<(number | null)[]> {
  const {
    answer: {
      rows: [row],
    },
  } = await ask(metric, more);
  return row?.values.map((value) => value?.toNumber() ?? null) ?? [];
}

describe('buckets without events', () => {
  it.each<[string, (number | null)[]]>([
    ['bets', [0, 4, 0, 1, 0]],
    ['sports', [0, 2, 0, 1, 0]],
    ['players', [0, 1, 0, 1, 0]],
    ['named', [0, 2, 0, 1, 0]],
    ['golf', [0, 1, 0, 0, 0]],
    ['stake', [null, 8, null, null, null]],
    ['mean', [null, 2, null, null, null]],
    ['most', [null, 2, null, null, null]],
    ['median', [null, 2, null, null, null]],
    ['per_bet', [null, 2, null, null, null]],
    ['others', [0, 3, 0, 1, 0]],
    ['hour_ago', [0, 0, 4, 0, 1]],
    ['trailing', [0, 4, 4, 1, 1]],
    ['conversions', [0, 1, 0, 0, 0]],
    ['rate', [null, 0.5, null, 0, null]],
    ['sessions', [0, 2, 0, 1, 0]],
  ])('have what %s says of nothing', async (metric, expected) => {
    expect(await values(metric)).toEqual(expected);
  });

  it.each<[string, number[]]>([
    ...[
      'bets',
      'sports',
      'players',
      'named',
      'stake',
      'mean',
      'most',
      'median',
      'per_bet',
      'others',
      'conversions',
      'rate',
      'sessions',
    ].map((metric): [string, number[]] => [metric, [1, 3]]),
    ['golf', [1]],
    ['hour_ago', [2, 4]],
    ['trailing', [1, 2, 3, 4]],
  ])(
    'are left out where %s is not joined to the time spine, in GraphQL, CSV and live answers',
    async (metric, hours) => {
      const answered = await ask(`sparse_${metric}`, { compareTo: 'PREVIOUS_PERIOD' });
      const starts = hours.map((hour) => iso(START + hour * HOUR));
      expect(toMetricSeries(answered, null).series[0]?.points.map(({ start }) => start)).toEqual(starts);
      expect(
        seriesCsv(answered, true)
          .trim()
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(',')[0]),
      ).toEqual(starts);
      const watched = await serving.live.watch({ metric: `sparse_${metric}`, grain: 'hour', buckets: 7 });
      const { value: points }: { value: { start: number }[] } = await watched.next();
      await watched.return?.();
      const until = iso(START + 5 * HOUR);
      expect(points.map(({ start }) => iso(start)).filter((start) => start < until)).toEqual(starts);
    },
  );

  it('have nothing to compare with where the earlier one is left out', async () => {
    const previous = async (metric: string) =>
      (
        await ask(metric, { from: iso(START + 3 * HOUR), to: iso(START + 4 * HOUR), compareTo: 'PREVIOUS_PERIOD' })
      ).answer.rows[0]?.previous.map((value) => value?.toNumber() ?? null);
    expect([await previous('bets'), await previous('sparse_bets')]).toEqual([[0], [null]]);
  });

  it('are filled only where they are in the answer', async () => {
    const {
      series: [one],
    } = toMetricSeries(await ask('filled'), null);
    expect(one?.points.map(({ value }) => value)).toEqual([8, 0]);
  });
});

describe('an empty text', () => {
  const cells = async (metric: string, name: string) =>
    Object.fromEntries(
      (await ask(metric, { dimensions: [name] })).answer.rows.map(({ dimensions: [cell], values: found }) => [
        cell?.kind === 'VALUE' ? `"${cell.value}"` : cell?.kind,
        found[1]?.toNumber() ?? null,
      ]),
    );

  it('is a value of a field, which a missing one is not', async () => {
    expect(await cells('bets', 'sport')).toEqual({ '"golf"': 1, '""': 2, MISSING: 1, '"chess"': 0 });
    expect(await cells('sports', 'sport')).toEqual({ '"golf"': 1, '""': 1, MISSING: 0, '"chess"': 0 });
    expect(await values('bets', { filter: { eq: { field: 'sport', value: '' } } })).toEqual([0, 2, 0, 0, 0]);
    expect(await values('bets', { filter: { exists: { field: 'sport' } } })).toEqual([0, 3, 0, 1, 0]);
    const { answer } = await serving.queries.explore({
      measure: { event: 'bet', agg: 'count_distinct', expr: 'sport' },
      from: iso(START),
      to: iso(START + 5 * HOUR),
      grain: 'hour',
    });
    expect(answer.rows[0]?.values.map((value) => value?.toNumber())).toEqual([0, 2, 0, 1, 0]);
  });

  it('names no one', async () => {
    expect(await cells('bets', 'who')).toEqual({ '"ann"': 2, MISSING: 2 });
    expect(await values('bets', { filter: { eq: { field: '$user', value: '' } } })).toEqual([0, 0, 0, 0, 0]);
    expect(await values('bets', { filter: { not: { exists: { field: '$user' } } } })).toEqual([0, 2, 0, 0, 0]);
  });

  it('differs from a missing value in CSV', async () => {
    const lines = seriesCsv(await ask('bets', { dimensions: ['sport'] }), false).split('\r\n');
    expect(
      lines
        .filter((line) => line.startsWith(iso(START + HOUR)))
        .map((line) => line.split(',').slice(2, 4).join())
        .sort(),
    ).toEqual(['"",2', ',1', 'chess,0', 'golf,1']);
  });

  it('is counted by the recomputation as well', async () => {
    for (const metric of ['sports', 'players', 'named']) {
      await serving.reconciliations.compareNow(metric, { start: START, end: START + 3 * HOUR });
      const windows = await serving.reconciliations.windows(metric, {
        source: 'recomputation',
        differentOnly: false,
        limit: 10,
      });
      expect(windows.map(({ cause }) => cause)).toEqual(windows.map(() => 'NONE'));
      expect(windows.length).toBeGreaterThan(0);
    }
  });

  it('and a combination that only one input of a metric has are nothing to the other, not unknown', async () => {
    expect(await cells('others', 'sport')).toEqual({ '"golf"': 0, '""': 2, MISSING: 1, '"chess"': 0 });
  });
});
