import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { Filter, MetricBody } from '@paddock/metrics';
import { InvalidQuery } from '../queries/query-problems.js';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { user: 'string', amount: 'number', price: 'number', sport: 'string', n: 'integer', live: 'boolean' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const simple = (
  agg: 'count' | 'sum' | 'min' | 'max' | 'average' | 'count_distinct' | 'percentile',
  more: object = {},
): Omit<MetricBody, 'title'> => ({ simple: { event: 'bet', agg, ...more } });
const filters: Filter[] = [
  {
    or: [
      { eq: { field: 'sport', value: "o'hara \\ %" } },
      { not: { in: { field: 'sport', values: ['golf', 'tennis'] } } },
    ],
  },
  {
    and: [
      { gte: { field: 'amount', value: 2.5 } },
      { lt: { field: '$time', value: '2026-01-05T11:30:00Z' } },
      { exists: { field: 'price' } },
    ],
  },
  { contains: { field: 'sport', text: '%' } },
  { ne: { field: 'live', value: true } },
];
const metrics: Record<string, Omit<MetricBody, 'title'>> = {
  bets: simple('count', { dimensions: [{ name: 'sport', maxCardinality: 2 }] }),
  stake: simple('sum', { expr: 'amount' }),
  payout: simple('sum', { expr: 'amount * price - n' }),
  lowest: simple('min', { expr: 'amount' }),
  highest: simple('max', { expr: 'n' }),
  mean: simple('average', { expr: 'amount' }),
  players: simple('count_distinct', { expr: '$user' }),
  about: simple('count_distinct', { expr: '$user', accuracy: 'approximate' }),
  median: simple('percentile', { expr: 'amount', percentile: 0.5 }),
  ...Object.fromEntries(filters.map((filter, index) => [`filtered${index}`, simple('count', { filter })])),
  per_player: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'players' } } },
  half: { derived: { expr: 'stake / 2 - bets', inputs: [{ metric: 'stake' }, { metric: 'bets' }] } },
  to_date: { cumulative: { metric: 'stake', grainToDate: 'day' } },
};

describe('reconciliation', () => {
  let now = START;
  let test: TestAnalytics;
  let serving: Serving;
  let ids = 0;
  beforeEach(async () => {
    now = START + 3 * HOUR;
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(definitions([bet], { bets: metrics['bets'] ?? {} }));
    await test.analytics.processor.start();
    serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
  });
  afterEach(async () => {
    await serving.close();
    await test.close();
  });

  const event = (hour: number, more: object = {}) => ({
    event: 'bet',
    id: `e${(ids += 1)}`,
    at: iso(START + hour * HOUR),
    user: `u${ids % 7}`,
    amount: (ids % 13) + 0.25,
    price: 1.5,
    n: ids % 5,
    sport: ['golf', 'tennis', "o'hara \\ %", null][ids % 4],
    live: ids % 3 === 0 ? true : null,
    ...more,
  });
  async function send(...events: object[]): Promise<void> {
    const before = test.handled();
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(before + events.length);
  }
  async function settle(): Promise<void> {
    now += 5 * 60_000;
    await test.analytics.rollups.advance();
    now += 10_000;
    await test.analytics.rollups.advance();
  }
  const crowd = (hour: number, count = 40) => Array.from({ length: count }, (_, index) => event(hour + index / count));

  it('finds every kind of metric equal, after late and repeated events too, and compares an hour again that got some', async () => {
    await test.analytics.apply(definitions([bet], metrics));
    const first = [...crowd(0, 12), ...crowd(1, 12)];
    await send(...first);
    await send(...first.slice(0, 10));
    await settle();
    expect(await serving.reconciliations.compareDue()).toBe(2 * (Object.keys(metrics).length - 1));
    for (const metric of Object.keys(metrics)) {
      const windows = await serving.reconciliations.windows(metric, {
        source: 'recomputation',
        differentOnly: true,
        limit: 10,
      });
      const status = await serving.reconciliations.status(metric);
      expect({ metric, windows, state: status?.state }).toEqual({ metric, windows: [], state: 'EQUAL' });
    }
    expect(await serving.reconciliations.compareDue()).toBe(0);
    await send(event(0.5));
    await settle();
    expect(await serving.reconciliations.compareDue()).toBe(Object.keys(metrics).length - 1);
    const windows = await serving.reconciliations.windows('bets', {
      source: 'recomputation',
      differentOnly: false,
      limit: 10,
    });
    expect(windows.at(-1)).toMatchObject({ start: START, expected: '13', served: '13', delta: '0', cause: 'NONE' });
  });

  it('finds a wrong number, reports the difference, and blocks the step to authority', async () => {
    await send(...crowd(0));
    await settle();
    expect(await serving.reconciliations.status('bets')).toMatchObject({ state: 'UNCHECKED', windows: 0 });
    const rollup = test.analytics.metrics.current('bets')?.rollup ?? '';
    await test.analytics.store.engine.run(
      `INSERT INTO ${rollup} SELECT * REPLACE (n + 3 AS n, batch + 1 AS batch) FROM ${rollup} FINAL ORDER BY w LIMIT 1`,
    );
    await serving.reconciliations.compareDue();
    expect(
      await serving.reconciliations.windows('bets', { source: 'recomputation', differentOnly: true, limit: 10 }),
    ).toMatchObject([{ expected: '40', served: '43', delta: '3', cause: 'UNEXPLAINED' }]);
    expect(await serving.reconciliations.status('bets')).toMatchObject({
      state: 'DIFFERENT',
      windows: 1,
      different: 1,
    });
    const gates = await serving.imports.setAuthority('bets', 'AUTHORITATIVE', { reason: 'try', by: 'ops' });
    expect(gates.map(({ code }) => code)).toEqual(['RECOMPUTATION_DIFFERS', 'NO_BATCH']);
    expect(await serving.reconciliations.cutOvers.authority('bets')).toBe('SHADOW');
  });

  it('explains differences from an old batch, and replaces it step by step', async () => {
    await send(...crowd(0), ...crowd(1));
    const takenAt = iso(now);
    now += 60_000;
    await send(event(1.1), event(1.2));
    await settle();
    await serving.reconciliations.compareDue();
    const csv = `date,value\n2026-01-05T10:00,40\n2026-01-05T11:00,40\n`;
    const batch = { metric: 'bets', source: 'nightly', grain: 'hour', takenAt };
    const compared = await serving.imports.importBatch({ ...batch, csv });
    expect(compared.map(({ cause, delta }) => [cause, delta])).toEqual([
      ['NONE', '0'],
      ['LATE', '2'],
    ]);
    expect(
      await serving.imports.setAuthority('bets', 'BATCH_RETIRED', { reason: 'too early', by: 'ops' }),
    ).toMatchObject([{ code: 'NOT_AUTHORITATIVE' }]);
    expect(await serving.imports.setAuthority('bets', 'AUTHORITATIVE', { reason: 'equal', by: 'ops' })).toEqual([]);
    await serving.imports.importBatch({ ...batch, rows: [{ start: iso(START), value: '39' }] });
    expect(await serving.imports.setAuthority('bets', 'BATCH_RETIRED', { reason: 'go on', by: 'ops' })).toMatchObject([
      { code: 'BATCH_DIFFERS' },
    ]);
    expect(await serving.imports.setAuthority('bets', 'SHADOW', { reason: 'back', by: 'ops' })).toEqual([]);
    const { cutOvers, batches } = await serving.imports.shown('bets', { differentOnly: false, limit: 10 });
    expect(batches).toEqual(['nightly']);
    expect(cutOvers.map(({ authority }) => authority)).toEqual(['SHADOW', 'AUTHORITATIVE']);
    expect(
      (
        await Serving.open(test.analytics, pino({ level: 'silent' })).then((again) =>
          again.reconciliations.status('bets'),
        )
      )?.authority,
    ).toBe('SHADOW');
  });

  it('recognises a batch that counts repeated events, also with another time', async () => {
    const first = crowd(0);
    await send(...first);
    // Received later, because an event with the same times counts as a repeated delivery of the log.
    now += 1_000;
    await send(...first.slice(0, 3), { ...event(0.5), id: first[4]?.id });
    await settle();
    await serving.reconciliations.compareDue();
    expect(await serving.reconciliations.status('bets')).toMatchObject({ state: 'EQUAL' });
    const batch = { metric: 'bets', source: 'copies', grain: 'hour', takenAt: iso(now) };
    const value = String(first.length + 4);
    expect(await serving.imports.importBatch({ ...batch, rows: [{ start: iso(START), value }] })).toMatchObject([
      { served: String(first.length), expected: value, cause: 'DUPLICATE' },
    ]);
  });

  it.each<[string, object, string[]]>([
    ['a file without its columns', { csv: 'day,amount\n2026-01-05,1' }, ['csv']],
    [
      'invalid rows',
      {
        rows: [
          { start: '2026-01-05T10:30', value: '1' },
          { start: 'soon', value: '1e3' },
        ],
      },
      ['rows[0].start', 'rows[1].start', 'rows[1].value'],
    ],
    ['neither rows nor a file', {}, ['rows']],
    [
      'a name that is taken, and no zone',
      { source: 'recomputation', timeZone: 'Mars', rows: [] },
      ['source', 'timeZone'],
    ],
  ])('names what is wrong with %s, and keeps nothing', async (_, more, paths) => {
    const asked = serving.imports.importBatch({
      metric: 'bets',
      source: 'nightly',
      grain: 'hour',
      takenAt: iso(now),
      ...more,
    });
    const error = await asked.catch((caught: unknown) => caught);
    expect(error instanceof InvalidQuery ? error.problems.map(({ path }) => path) : error).toEqual(paths);
    expect(await serving.reconciliations.batches.sources('bets')).toEqual([]);
  });
});
