import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { buckets } from '@paddock/metrics';
import { readSeries } from '../queries/series.js';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 5, 10);
const bet = contract(
  'bet',
  { user: 'string', amount: 'number', sport: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '72h' } },
);
const metrics = {
  bets: { simple: { event: 'bet', agg: 'count' as const, dimensions: [{ name: 'sport', maxCardinality: 100 }] } },
  stake: { simple: { event: 'bet', agg: 'sum' as const, expr: 'amount' } },
  players: { simple: { event: 'bet', agg: 'count_distinct' as const, expr: '$user' } },
};

let now = START;
let test: TestAnalytics;
beforeEach(async () => {
  now = START + 2 * HOUR;
  test = await testAnalytics({ clock: () => now });
  await test.analytics.apply(definitions([bet], metrics));
  await test.analytics.processor.start();
});
afterEach(() => test.close());

const hourOf = (name: string, hour: number, count = 600) =>
  Array.from({ length: count }, (_, index) => ({
    event: 'bet',
    id: `${name}${index}`,
    at: new Date(START + hour * HOUR + (index * HOUR) / count).toISOString(),
    user: `${name}${index % 97}`,
    amount: (index % 50) + 0.25,
    sport: `s${index % 7}`,
  }));

async function send(events: readonly object[]): Promise<void> {
  const before = test.handled();
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(before + events.length);
}
async function settle(): Promise<void> {
  now += 2 * MINUTE;
  await test.settle();
}
async function hour(at = 0) {
  const intervals = buckets(START + at * HOUR, START + (at + 1) * HOUR, 'hour', 'UTC');
  const answers = await Promise.all(
    Object.keys(metrics).map((metric) => readSeries(test.analytics.context, { metric, intervals, timeZone: 'UTC' })),
  );
  return {
    values: answers.map(({ rows }) => rows[0]?.values[0]?.toNumber()),
    sources: answers.map(({ source }) => source),
    finality: answers[0]?.finality[0],
  };
}
const truth = (events: readonly { user: string; amount: number }[]) => [
  events.length,
  events.reduce((sum, { amount }) => sum + amount, 0),
  new Set(events.map(({ user }) => user)).size,
];

describe('an hour of events', () => {
  it('replayed whole changes nothing, whichever way it is cut', async () => {
    const events = hourOf('a', 0);
    await send(events);
    await settle();
    expect(await hour()).toEqual({
      values: truth(events),
      sources: ['rollup', 'rollup', 'rollup'],
      finality: 'CLOSED',
    });
    for (let from = 0; from < events.length; from += 170) await send(events.slice(from, from + 170));
    expect((await hour()).values).toEqual(truth(events));
    await settle();
    expect(await hour()).toMatchObject({
      values: truth(events),
      sources: ['rollup', 'rollup', 'rollup'],
      finality: 'CLOSED',
    });
  });

  it('that comes a day late is in the numbers at once and in the rollups soon, and says that they changed', async () => {
    const [onTime, late] = [hourOf('a', 0), hourOf('b', 0)];
    await send(onTime);
    await settle();
    now += 24 * HOUR;
    await send(hourOf('c', 25, 60));
    await settle();
    await send(late);
    expect((await hour()).values).toEqual(truth([...onTime, ...late]));
    await settle();
    expect(await hour()).toEqual({
      values: truth([...onTime, ...late]),
      sources: ['rollup', 'rollup', 'rollup'],
      finality: 'REVISED',
    });
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    await serving.reconciliations.compareDue();
    for (const metric of Object.keys(metrics))
      expect(await serving.reconciliations.status(metric)).toMatchObject({ state: 'EQUAL' });
    await serving.close();
  });
});

describe('a dimension that explodes to a million values', () => {
  const MANY = 1_000_000;

  it('keeps its rollup small, its total right, and its largest values apart', async () => {
    const { engine } = test.analytics.store;
    await send(hourOf('a', 0, 60));
    await engine.run(
      'INSERT INTO raw_bet (_id, _time, _received, _user, _session, _producer, _contract, _bot, _skew, _extra, amount, sport)' +
        ` SELECT concat('m', toString(number)), fromUnixTimestamp64Milli(toInt64(${START} + number % ${HOUR}), 'UTC'), fromUnixTimestamp64Milli(toInt64(${now}), 'UTC'), toString(number % 1000), '', 'test', '1.0.0', false, 0, '', 1, concat('x', toString(number)) FROM numbers(${MANY})`,
    );
    await settle();
    const rollup = test.analytics.metrics.current('bets')?.rollup ?? '';
    const [cells] = await engine.select(`SELECT uniqExact(d1) AS n FROM ${rollup}`);
    expect(Number(cells?.['n'])).toBeLessThanOrEqual(101);
    const intervals = buckets(START, START + HOUR, 'hour', 'UTC');
    const { rows } = await readSeries(test.analytics.context, {
      metric: 'bets',
      intervals,
      timeZone: 'UTC',
      dimensions: ['sport'],
    });
    expect(rows.reduce((sum, { values }) => sum + (values[0]?.toNumber() ?? 0), 0)).toBe(MANY + 60);
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    const top = await serving.queries.topValues({
      event: 'bet',
      field: 'sport',
      from: new Date(START).toISOString(),
      to: new Date(START + HOUR).toISOString(),
      limit: 7,
    });
    expect(top).toMatchObject({
      total: MANY + 60,
      other: MANY,
      values: [{ count: 9 }, { count: 9 }, { count: 9 }, { count: 9 }, { count: 8 }, { count: 8 }, { count: 8 }],
    });
    await serving.close();
  });
});
