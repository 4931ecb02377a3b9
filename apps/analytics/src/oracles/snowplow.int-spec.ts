import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, describe } from 'vitest';
import { parse } from 'csv-parse/sync';
import type { Filter, MetricBody } from '@paddock/metrics';
import { describeWithData, seededRandom } from '@paddock/testing';
import { readSeries } from '../queries/series.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

/**
 * The events that Snowplow's dbt package for the web is tested with (Apache-2.0, before its licence changed): 160 rows,
 * three of them repetitions, 38 out of order. Its page views are distinct page view ids within a session.
 */
describeWithData(
  describe,
  'Snowplow web sample',
  'analytics/snowplow__dbt-snowplow-web/integration_tests/data',
  (file) => {
    const range = { start: Date.UTC(2020, 6, 1), end: Date.UTC(2021, 3, 1) };
    /** Sessions that the package cuts or drops by the limits of its own runs: start date, lookback, sessions that are too long, entries that it made up for a model. */
    const BY_LIMITS_OF_ITS_RUNS = ['2bfc2c76', 'd21c000a', '0b5d421a', '0b0c7bb5'];
    let test: TestAnalytics;

    const web = contract(
      'web',
      { user: 'string', session: 'string', type: 'string', page_view: 'string' },
      { time: { allowedLateness: '9999d' } },
    );
    const simple = (agg: 'count' | 'count_distinct', expr?: string, filter?: Filter): Omit<MetricBody, 'title'> => ({
      simple: {
        event: 'web',
        agg,
        ...(expr === undefined ? {} : { expr }),
        ...(filter ? { filter } : {}),
        dimensions: [{ name: 'session', maxCardinality: 300 }, { name: 'type' }],
      },
    });
    const metrics = {
      events: simple('count'),
      users: simple('count_distinct', '$user'),
      sessions: simple('count_distinct', '$session'),
      page_views: simple('count_distinct', 'page_view', { eq: { field: 'type', value: 'page_view' } }),
    };

    beforeAll(async () => {
      test = await testAnalytics();
      await test.analytics.apply(definitions([web], metrics));
      await test.analytics.start();
      const rows = readCsv(file('source/snowplow_web_events.csv'));
      const events = rows.map((row) => ({
        event: 'web',
        id: row['event_id'],
        at: instant(row['dvce_created_tstamp'] ?? ''),
        user: row['domain_userid'],
        session: row['domain_sessionid'],
        type: row['event'],
        page_view:
          /"id":\s*"([^"]+)"/.exec(row['contexts_com_snowplowanalytics_snowplow_web_page_1_0_0'] ?? '')?.[1] ?? null,
      }));
      expect(events).toHaveLength(160);
      const random = seededRandom();
      const shuffled = events.map((event) => ({ event, place: random.next() })).sort((a, b) => a.place - b.place);
      expect((await test.send(shuffled.map(({ event }) => event))).rejected).toEqual([]);
      await test.stored(160);
    });
    afterAll(() => test.close());

    const ask = async (metric: string, dimensions: string[] = []) => {
      const { rows } = await readSeries(test.analytics.context, {
        metric,
        intervals: [range],
        timeZone: 'UTC',
        dimensions,
      });
      return new Map(rows.map(({ cells, values }) => [(cells[0] ?? '').slice(1), values[0]?.toNumber()]));
    };

    it('counts each event once, by type, with its users and sessions', async () => {
      expect(await ask('events')).toEqual(new Map([['', 157]]));
      expect(await ask('events', ['type'])).toEqual(
        new Map([
          ['unstruct', 94],
          ['page_view', 49],
          ['page_ping', 8],
          ['struct', 6],
        ]),
      );
      // 43 and 47 where the empty id counts as a user.
      expect([...(await ask('users')).values(), ...(await ask('sessions')).values()]).toEqual([42, 46]);
    });

    it('has the page views and events that the package has, for every session that its runs take whole', async () => {
      const [pageViews, events] = [await ask('page_views', ['session']), await ask('events', ['session'])];
      const expected = readCsv(file('expected/default/snowplow_web_sessions_expected.csv')).filter(
        ({ domain_sessionid: id = '' }) => !BY_LIMITS_OF_ITS_RUNS.some((prefix) => id.startsWith(prefix)),
      );
      expect(expected).toHaveLength(12);
      const ours = expected.map(({ domain_sessionid: id = '' }) => [id, pageViews.get(id), events.get(id)]);
      expect(ours).toEqual(
        expected.map(({ domain_sessionid: id, page_views: views, total_events: total }) => [
          id,
          Number(views),
          Number(total),
        ]),
      );
    });
  },
);

function readCsv(path: string): Record<string, string>[] {
  return parse(readFileSync(path, 'utf8'), { columns: true });
}

function instant(text: string): string {
  return new Date(`${text.replace(' ', 'T')}Z`).toISOString();
}
