import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter, MetricBody } from '@paddock/metrics';
import { dimensionValues } from '../preview/dimension-values.js';
import { recompute } from '../reconciliation/recompute.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { readFunnel } from './funnel.js';
import { readRetention } from './retention.js';
import { readSeries } from './series.js';

const START = Date.UTC(2026, 0, 5, 10);
const HOUR = 3_600_000;
const RANGE = { start: START, end: START + 2 * HOUR };

/** Names that queries use for columns of their own; a producer may have chosen the same. */
const NUMBERS = ['cell', 'a_s', 'a_n', 'p', 'w', 'n', 't', 'x', 'batch', 'steps', 'exclusions', 'copies', 'number'];
const TEXTS = ['d1', 'd2', 'e', 'v', 'value', 'received', 'fits', 'events', 'cohort'];

/** Every kind of query of one event, whatever the names of its fields. */
function metricsOf(event: string, called: (field: string) => string): Record<string, Omit<MetricBody, 'title'>> {
  const eq = (field: string, value: string | number): Filter => ({ eq: { field: called(field), value } });
  const dimensions = ['d2', 'd1'].map((field) => ({ name: field, field: called(field) }));
  const entity = called('e');
  return {
    ...Object.fromEntries(
      NUMBERS.map((field) => [
        `sum_${field}`,
        { simple: { event, agg: 'sum' as const, expr: called(field), dimensions } },
      ]),
    ),
    ...Object.fromEntries(
      TEXTS.map((field) => [
        `of_${field}`,
        {
          simple: {
            event,
            agg: 'count' as const,
            filter: eq(field, field === 'e' ? 'somebody' : `${field} 1`),
            dimensions,
          },
        },
      ]),
    ),
    conversion: {
      conversion: {
        base: { event, filter: eq('t', 1) },
        conversion: { event, filter: eq('v', 'v 2') },
        entity,
        calculation: 'conversions',
        dimensions,
      },
    },
    session: {
      session: {
        events: [{ event, filter: { gte: { field: called('number'), value: 1 } } }],
        entity,
        gap: '30m',
        measure: 'events_per_session',
      },
    },
    funnel: {
      funnel: {
        entity,
        order: 'ordered',
        window: '2h',
        steps: [
          { name: 'one', event, filter: eq('steps', 1) },
          { name: 'two', event, filter: eq('v', 'v 2') },
        ],
        exclude: [{ event, filter: eq('exclusions', 3) }],
      },
    },
    retention: {
      retention: {
        entity,
        start: { event, filter: eq('t', 1) },
        return: { event, filter: eq('cohort', 'cohort 2') },
        mode: 'bounded',
        period: 'day',
        periods: 1,
      },
    },
  };
}

describe('an event whose fields are called as columns of queries are', () => {
  let now = START + 2 * HOUR;
  let test: TestAnalytics;
  const plainly = (field: string): string => `plain${field.replaceAll('_', '')}`;
  const worlds = { unlucky: metricsOf('reading', (field) => field), plain: metricsOf('plain', plainly) };

  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    const time = { outOfOrder: '1s' };
    const fields = (called: (field: string) => string) =>
      Object.fromEntries([
        ...NUMBERS.map((field) => [called(field), 'number']),
        ...TEXTS.map((field) => [called(field), 'string']),
      ]);
    const metrics = Object.fromEntries(
      Object.entries(worlds).flatMap(([world, all]) =>
        Object.entries(all).map(([name, metric]) => [`${world}_${name}`, metric]),
      ),
    );
    await test.analytics.apply(
      definitions(
        [
          contract(
            'reading',
            fields((field) => field),
            { time },
          ),
          contract('plain', fields(plainly), { time }),
        ],
        metrics,
      ),
    );
    await test.analytics.processor.start();
    const reading = (event: string, id: string, hour: number, factor: number, called: (field: string) => string) => ({
      event,
      id: `${event}-${id}`,
      at: new Date(START + hour * HOUR).toISOString(),
      ...Object.fromEntries(
        NUMBERS.map((field, index) => [
          called(field),
          field === 't' || field === 'steps' || field === 'exclusions' || field === 'number'
            ? factor
            : (index + 2) * factor,
        ]),
      ),
      ...Object.fromEntries(TEXTS.map((field) => [called(field), field === 'e' ? 'somebody' : `${field} ${factor}`])),
    });
    const events = (
      [
        ['a', 0, 1],
        ['b', 0.25, 2],
        ['c', 0.75, 1],
        ['d', 1, 2],
        ['e', 1.5, 1],
      ] as const
    ).flatMap(([id, hour, factor]) => [
      reading('reading', id, hour, factor, (field) => field),
      reading('plain', id, hour, factor, plainly),
    ]);
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(events.length);
  });
  afterAll(() => test.close());

  const intervals = [0, 1].map((hour) => ({ start: START + hour * HOUR, end: START + (hour + 1) * HOUR }));
  const series = async (metric: string, dimensions: string[] = []) => {
    const { rows } = await readSeries(test.analytics.context, { metric, intervals, dimensions, timeZone: 'UTC' });
    return rows
      .map(({ cells, values }) => JSON.stringify([cells, values.map((value) => value?.toFixed() ?? null)]))
      .sort();
  };
  const ofBoth = async <T>(ask: (world: keyof typeof worlds) => Promise<T>): Promise<{ unlucky: T; plain: T }> => ({
    unlucky: await ask('unlucky'),
    plain: await ask('plain'),
  });

  it.each(['from raw events', 'from rollups'])('has the figures of one with plain names, %s', async (source) => {
    if (source === 'from rollups') {
      now = START + 6 * HOUR;
      await test.settle();
    }
    for (const name of Object.keys(worlds.plain).filter((one) => one !== 'funnel' && one !== 'retention')) {
      const splits = name === 'session' ? [[]] : [[], ['d2'], ['d1', 'd2']];
      for (const dimensions of splits) {
        const { unlucky, plain } = await ofBoth((world) => series(`${world}_${name}`, dimensions));
        expect([name, dimensions, unlucky]).toEqual([name, dimensions, plain]);
        expect(plain.join()).toMatch(/"[1-9]/);
      }
    }
  });

  it('has the same path, retention, recomputation and preview', async () => {
    const { context } = test.analytics;
    const funnels = await ofBoth((world) =>
      readFunnel(context, {
        metric: `${world}_funnel`,
        range: RANGE,
        timeZone: 'UTC',
        breakdown: world === 'plain' ? plainly('d2') : 'd2',
      }),
    );
    expect(funnels.unlucky).toEqual(funnels.plain);
    expect(funnels.plain.groups.flatMap(({ steps }) => steps.map(({ count }) => count))).toContain(1);
    const cohorts = await ofBoth((world) =>
      readRetention(context, { metric: `${world}_retention`, range: RANGE, timeZone: 'UTC' }),
    );
    expect(cohorts.unlucky).toEqual(cohorts.plain);
    expect(cohorts.plain).toMatchObject([{ size: 1, returned: [1, null] }]);
    for (const name of [...NUMBERS.map((field) => `sum_${field}`), ...TEXTS.map((field) => `of_${field}`)]) {
      const recomputed = await ofBoth(async (world) =>
        (await recompute(context, `${world}_${name}`, intervals, now)).map(({ value, late }) => [
          value?.toFixed(),
          late,
        ]),
      );
      expect([name, recomputed.unlucky]).toEqual([name, recomputed.plain]);
      const values = await ofBoth(async (world) => {
        const { simple } = worlds[world][name] ?? {};
        return simple && dimensionValues(context.engine, simple, context.definitions, RANGE);
      });
      expect([name, values.unlucky]).toEqual([name, values.plain]);
    }
  });
});
