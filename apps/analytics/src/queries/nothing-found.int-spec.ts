import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswerCache } from './answer-cache.js';
import { Queries } from './queries.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const dimensions = [{ name: 'sport' }];
const RANGE = { from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z', grain: 'hour' };

describe('a query that is split and finds nothing', () => {
  let test: TestAnalytics;
  let queries: Queries;

  beforeAll(async () => {
    test = await testAnalytics();
    await test.analytics.apply(
      definitions(
        [
          contract(
            'bet',
            { user: 'string', sport: 'string', amount: 'number' },
            { time: { allowedLateness: '9999d' } },
          ),
        ],
        {
          bets: { simple: { event: 'bet', agg: 'count', dimensions } },
          least: { simple: { event: 'bet', agg: 'min', expr: 'amount', dimensions } },
          per_bet: {
            derived: {
              expr: 'a / b',
              inputs: [
                { metric: 'least', alias: 'a', offsetWindow: '1d' },
                { metric: 'bets', alias: 'b' },
              ],
            },
          },
          repeated: {
            conversion: {
              base: { event: 'bet' },
              conversion: { event: 'bet' },
              calculation: 'conversion_rate',
              dimensions,
            },
          },
        },
      ),
    );
    await test.analytics.start();
    await test.send([{ event: 'bet', id: 'e1', at: '2026-01-05T10:00:00Z', user: 'u', sport: 'golf', amount: 2 }]);
    await test.stored(1);
    queries = new Queries(() => test.analytics.context, new AnswerCache());
  });
  afterAll(() => test.close());

  it.each(['bets', 'least', 'per_bet', 'repeated'])('has no rows, also where it is compared: %s', async (metric) => {
    const asked = { ...RANGE, metric, dimensions: ['sport'], compareTo: 'PREVIOUS_WEEK' as const };
    const { answer } = await queries.series({ ...asked, filter: { eq: { field: 'sport', value: 'tennis' } } });
    expect(answer.rows).toEqual([]);
    expect((await queries.series({ ...asked, metric: 'bets' })).answer.rows).toHaveLength(1);
  });
});

describe('an event that fits two selections of a session', () => {
  it('is one event of it', async () => {
    const test = await testAnalytics();
    const long = { eq: { field: 'page', value: '/live' } };
    await test.analytics.apply(
      definitions([contract('visit', { user: 'string', page: 'string' }, { time: { allowedLateness: '9999d' } })], {
        length: {
          session: {
            events: [{ event: 'visit' }, { event: 'visit', filter: long }],
            gap: '30m',
            measure: 'events_per_session',
          },
        },
      }),
    );
    await test.analytics.start();
    await test.send(
      ['/', '/live'].map((page, index) => ({
        event: 'visit',
        id: page,
        at: `2026-01-05T10:0${index}:00Z`,
        user: 'u',
        page,
      })),
    );
    await test.stored(2);
    const { answer } = await new Queries(() => test.analytics.context, new AnswerCache()).series({
      ...RANGE,
      grain: 'day',
      metric: 'length',
    });
    expect(answer.rows.map(({ values }) => values.map(String))).toEqual([['2']]);
    await test.close();
  });
});
