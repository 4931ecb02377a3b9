import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionMetric } from '@paddock/metrics';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { readFunnel } from './funnel.js';
import { readSeries } from './series.js';

const START = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const LATENESS = { time: { allowedLateness: '9999d' } };

describe('paths that continue beyond the requested range', () => {
  let test: TestAnalytics;
  beforeEach(async () => (test = await testAnalytics()));
  afterEach(() => test.close());

  const sendAt = async (events: readonly [name: string, hour: number, more: object][]): Promise<void> => {
    await test.analytics.start();
    const sent = events.map(([event, hour, more], index) => ({
      event,
      id: `e${index}`,
      at: new Date(START + hour * HOUR).toISOString(),
      ...more,
    }));
    expect((await test.send(sent)).rejected).toEqual([]);
    await test.stored(sent.length);
  };

  it('counts a session that lasts for days once, where it began, and with all that belongs to it', async () => {
    const metric = (gap: string, measure: SessionMetric['measure']) => ({
      session: { events: [{ event: 'seen' }], gap, measure },
    });
    await test.analytics.apply(
      definitions([contract('seen', { user: 'string' }, LATENESS)], {
        sessions: metric('30h', 'sessions'),
        length: metric('30h', 'events_per_session'),
        duration: metric('30h', 'average_duration'),
        steady: metric('1h', 'sessions'),
        steady_length: metric('1h', 'events_per_session'),
      }),
    );
    const slow = [0, 30, 60, 90, 120].map((hour): [string, number, object] => ['seen', hour, { user: 'slow' }]);
    const busy = Array.from({ length: 101 }, (_, hour): [string, number, object] => ['seen', hour, { user: 'busy' }]);
    await sendAt([...slow, ...busy]);
    const ask = async (name: string, hour: number) =>
      (
        await readSeries(test.analytics.context, {
          metric: name,
          intervals: [{ start: START + hour * HOUR, end: START + (hour + 1) * HOUR }],
          timeZone: 'UTC',
        })
      ).rows[0]?.values[0]?.toFixed();
    expect([await ask('sessions', 0), await ask('length', 0), await ask('duration', 0)]).toEqual([
      '2',
      '53',
      String(110 * 3_600),
    ]);
    expect([await ask('sessions', 60), await ask('sessions', 120)]).toEqual(['0', '0']);
    expect([await ask('steady', 0), await ask('steady', 50), await ask('steady_length', 60)]).toEqual(['2', '0', '1']);
  });

  it('answers a strict funnel of an entity, or by a field, that other contracts do not have', async () => {
    const steps = [
      { name: 'one', event: 'opened' },
      { name: 'two', event: 'closed' },
    ];
    await test.analytics.apply(
      definitions(
        [
          contract('opened', { account: 'string', plan: 'string' }, LATENESS),
          contract('closed', { account: 'string', plan: 'string' }, LATENESS),
          contract('called', { account: 'string' }, LATENESS),
          contract('weather', { city: 'string' }, LATENESS),
        ],
        { path: { funnel: { entity: 'account', order: 'strict', window: '1d', steps } } },
      ),
    );
    await sendAt([
      ['opened', 0, { account: 'straight', plan: 'a' }],
      ['weather', 1, { city: 'straight' }],
      ['closed', 2, { account: 'straight', plan: 'a' }],
      ['opened', 0, { account: 'called', plan: 'b' }],
      ['called', 1, { account: 'called' }],
      ['closed', 2, { account: 'called', plan: 'b' }],
    ]);
    const query = { metric: 'path', range: { start: START, end: START + HOUR }, timeZone: 'UTC' };
    const counts = async (breakdown?: string) =>
      (
        await readFunnel(test.analytics.context, { ...query, ...(breakdown === undefined ? {} : { breakdown }) })
      ).groups.map(({ value, steps: reached }) => [value, ...reached.map(({ count }) => count)]);
    expect(await counts()).toEqual([[null, 2, 1]]);
    expect(await counts('plan')).toEqual([
      ['a', 1, 1],
      ['b', 1, 0],
    ]);
  });

  it('credits the same one of two base events at one millisecond, however they are read', async () => {
    const bases = Array.from({ length: 8 }, (_, index): ['visited', number, object] => [
      'visited',
      0,
      { id: `v${index}`, user: 'ann', page: `p${index}` },
    ]);
    await test.analytics.apply(
      definitions(
        [
          contract('visited', { user: 'string', page: 'string' }, LATENESS),
          contract('bought', { user: 'string' }, LATENESS),
        ],
        {
          buys: {
            conversion: {
              base: { event: 'visited' },
              conversion: { event: 'bought' },
              window: '1d',
              calculation: 'conversions',
              dimensions: [{ name: 'page' }],
            },
          },
        },
      ),
    );
    // Each event is sent alone, so it is stored in a separate part.
    await test.analytics.start();
    for (const [index, [event, hour, more]] of [...bases, ['bought', 1, { id: 'b', user: 'ann' }] as const].entries()) {
      await test.send([{ event, at: new Date(START + hour * HOUR).toISOString(), ...more }]);
      await test.stored(index + 1);
    }
    const ask = async () =>
      (
        await readSeries(test.analytics.context, {
          metric: 'buys',
          intervals: [{ start: START, end: START + HOUR }],
          timeZone: 'UTC',
          dimensions: ['page'],
        })
      ).rows
        .filter(({ values }) => values[0]?.toNumber() === 1)
        .map(({ cells }) => JSON.stringify(cells));
    const answers = new Set<string>();
    for (let asked = 0; asked < 20; asked += 1) answers.add((await ask()).join());
    expect([...answers]).toEqual([expect.stringContaining('p7')]);
  });
});
