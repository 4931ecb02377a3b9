import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@paddock/testing';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { answerSeries, type AskedSeries, checkSeries } from './metric-series.js';
import { readSeries } from './series.js';

const START = Date.UTC(2026, 0, 5, 10);
const HOUR = 3_600_000;
const EARLIER = START - 30 * 24 * HOUR;
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { amount: 'number', sport: 'string', country: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const dimensions = [{ name: 'sport', maxCardinality: 5 }, { name: 'country' }];

/** Figures that add up are read once and put together here; the engine, in two readings, must give the same. */
describe('a limited answer in one reading', () => {
  const random = seededRandom();
  let now = START + 4 * HOUR;
  let test: TestAnalytics;

  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(
      definitions([bet], {
        bets: { simple: { event: 'bet', agg: 'count', dimensions } },
        stake: { simple: { event: 'bet', agg: 'sum', expr: 'amount', dimensions } },
      }),
    );
    await test.analytics.processor.start();
    const events = Array.from({ length: 400 }, (_, index) => ({
      event: 'bet',
      id: `e${index}`,
      at: iso(START + random.integer(0, 4 * HOUR - 1)),
      amount: random.next() < 0.1 ? null : random.integer(1, 100_000) / 100,
      sport: random.next() < 0.05 ? null : `s${Math.floor(random.next() ** 2 * 9)}`,
      country: `c${Math.floor(random.next() ** 2 * 4)}`,
    }));
    const equal = ['b', 'd', 'a', 'e', 'c'].flatMap((country) =>
      [0, 1].map((hour) => ({
        event: 'bet',
        id: `${country}${hour}`,
        at: iso(EARLIER + hour * HOUR),
        amount: 2.5,
        sport: null,
        country,
      })),
    );
    await test.send([...events, ...equal]);
    await test.stored(events.length + equal.length);
  }, 60_000);
  afterAll(() => test.close());

  async function answers(more: Partial<AskedSeries>) {
    const { context } = test.analytics;
    const checked = checkSeries(context, {
      metric: 'bets',
      from: iso(START),
      to: iso(START + 4 * HOUR),
      grain: 'hour',
      ...more,
    });
    const readings: number[] = [];
    const read = (finish?: 'extreme') => {
      const index = readings.push(0) - 1;
      return answerSeries(
        context,
        checked,
        (query) => {
          readings[index] = (readings[index] ?? 0) + 1;
          return readSeries(context, query);
        },
        ...(finish ? [finish] : []),
      );
    };
    const [once, twice] = [await read(), await read('extreme')];
    const shown = ({ rows, limited, source, finality }: typeof once) => ({
      limited,
      source,
      finality,
      rows: rows
        .map(({ dimensions: cells, values, previous }) =>
          JSON.stringify([
            cells,
            values.map((value) => value?.toFixed() ?? null),
            previous.map((value) => value?.toFixed() ?? null),
          ]),
        )
        .sort(),
    });
    return { once: shown(once), twice: shown(twice), readings };
  }

  it.each<[string, Partial<AskedSeries>]>([
    ['a count', { dimensions: ['country'], limit: 2 }],
    ['a sum', { metric: 'stake', dimensions: ['country'], limit: 1 }],
    ['a dimension that ran out of places', { dimensions: ['sport'], limit: 3 }],
    ['two dimensions', { metric: 'stake', dimensions: ['sport', 'country'], limit: 4 }],
    ['no more combinations than the limit', { dimensions: ['country'], limit: 50 }],
    ['a bucket for all', { dimensions: ['country'], limit: 2, grain: 'day' }],
  ])(
    'is the same for %s, from raw events and from rollups',
    async (_, asked) => {
      for (const settled of [false, true]) {
        if (settled) {
          now = Math.max(now, START + 5 * HOUR);
          await test.settle();
        }
        const { once, twice, readings } = await answers(asked);
        expect({ seed: random.seed, ...once }).toEqual({ seed: random.seed, ...twice });
        expect(readings).toEqual([1, 2]);
      }
    },
    60_000,
  );

  it.each(['bets', 'stake'])('cuts at the same place among equal values of %s', async (metric) => {
    const { once, twice } = await answers({
      metric,
      dimensions: ['country'],
      limit: 3,
      from: iso(EARLIER),
      to: iso(EARLIER + 2 * HOUR),
    });
    expect(once).toEqual(twice);
    expect(once.rows.map((row) => JSON.parse(row)[0][0].value)).toEqual([null, 'a', 'b', 'c']);
  });

  it('is the same beside the time before', async () => {
    const { once, twice } = await answers({
      dimensions: ['country'],
      limit: 2,
      from: iso(START + 2 * HOUR),
      compareTo: 'PREVIOUS_PERIOD',
    });
    expect(once).toEqual(twice);
  });

  it('says when there are more values than can be put together', async () => {
    const query = {
      metric: 'bets',
      intervals: [{ start: START, end: START + 4 * HOUR }],
      timeZone: 'UTC',
      dimensions: ['country'],
    };
    expect((await readSeries(test.analytics.context, { ...query, most: 3 })).cut).toBe(true);
    expect((await readSeries(test.analytics.context, { ...query, most: 4 })).cut).toBe(false);
  });
});
