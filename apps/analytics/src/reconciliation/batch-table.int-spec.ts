import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, createConnection } from 'mysql2/promise';
import { pino } from 'pino';
import { createDatabase, type ThrowawayDatabase } from '@paddock/testing';
import { InvalidQuery } from '../queries/query-problems.js';
import { Serving } from '../serving.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { BatchSources, parseBatchSources } from './batch-sources.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { amount: 'number', sport: 'string', at2: 'integer' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const dimensions = [{ name: 'sport', maxCardinality: 50 }];

describe('results of batches in tables, and parts of metrics', () => {
  let now = START + 3 * HOUR;
  let test: TestAnalytics;
  let serving: Serving;
  let database: ThrowawayDatabase;
  let shop: Connection;

  beforeAll(async () => {
    database = await createDatabase();
    shop = await createConnection(database.url.href);
    test = await testAnalytics({ clock: () => now });
    const bySport = { event: 'bet', dimensions } as const;
    await test.analytics.apply(
      definitions([bet], {
        bets: { simple: { ...bySport, agg: 'count' } },
        stake: { simple: { ...bySport, agg: 'sum', expr: 'amount' } },
        mean: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'bets' } } },
        by_time: { simple: { event: 'bet', agg: 'count', dimensions: [{ name: 'when', field: '$time' }] } },
      }),
    );
    await test.analytics.processor.start();
    serving = await Serving.open(
      test.analytics,
      pino({ level: 'fatal' }),
      new BatchSources(
        parseBatchSources(`warehouse=${database.url.href},gone=mysql://root@127.0.0.1:1/nothing`) ?? new Map(),
      ),
    );
    // Ten o'clock: three of football, two of golf, one without; eleven: one each of football, golf, chess.
    const sports = ['football', 'football', 'football', 'golf', 'golf', null, 'football', 'golf', 'chess'];
    const events = sports.map((sport, index) => ({
      event: 'bet',
      id: `e${index}`,
      at: iso(START + (index < 6 ? 0 : HOUR) + index * 60_000),
      amount: index + 0.5,
      sport,
    }));
    expect((await test.send(events)).rejected).toEqual([]);
    await test.stored(events.length);
    now += 5 * 60_000;
    await test.analytics.rollups.advance();
    now += 10_000;
    await test.analytics.rollups.advance();
  }, 60_000);
  afterAll(async () => {
    await serving.close();
    await test.close();
    await shop.end();
    await database.drop();
  });

  const asked = (table: object, more: object = {}) => ({
    metric: 'bets',
    source: 'nightly',
    grain: 'hour',
    takenAt: iso(now),
    table: { database: 'warehouse', table: 'hourly', timeColumn: 'hour', valueColumn: 'n', ...table },
    ...more,
  });
  async function problemsOf(promise: Promise<unknown>): Promise<unknown> {
    const error = await promise.catch((caught: unknown) => caught);
    return error instanceof InvalidQuery ? error.problems : error;
  }

  it('are read by columns: times of the zone, timestamps, decimals, within a time', async () => {
    await shop.query(
      'CREATE TABLE hourly (hour DATETIME(6) NOT NULL, stamp TIMESTAMP NOT NULL, n BIGINT, stake DECIMAL(12,2), note TEXT)',
    );
    await shop.query("SET time_zone = '+00:00'");
    await shop.query(
      "INSERT INTO hourly VALUES ('2026-01-05 11:00:00', '2026-01-05 10:00:00', 6, 18.00, NULL), ('2026-01-05 12:00:00', '2026-01-05 11:00:00', 4, 22.50, NULL), ('2025-12-01 00:00:00', '2025-11-30 23:00:00', NULL, NULL, NULL)",
    );
    await shop.query('CREATE TABLE timeless (hour DATETIME, n BIGINT)');
    await shop.query('INSERT INTO timeless VALUES (NULL, 1)');
    const from = iso(START);
    const counted = await serving.imports.importBatch(asked({ from }, { timeZone: 'Europe/Berlin' }));
    expect(counted.map(({ start, expected, served, cause }) => [start, expected, served, cause])).toEqual([
      [START, '6', '6', 'NONE'],
      [START + HOUR, '4', '3', 'UNEXPLAINED'],
    ]);
    const summed = await serving.imports.importBatch(
      asked({ from, timeColumn: 'stamp', valueColumn: 'STAKE' }, { metric: 'stake' }),
    );
    expect(summed.map(({ start, expected, cause }) => [start, expected, cause])).toEqual([
      [START, '18', 'NONE'],
      [START + HOUR, '22.5', 'NONE'],
    ]);
    const first = await serving.imports.importBatch(
      asked({ from, to: iso(START + HOUR), timeColumn: 'stamp' }, { source: 'first' }),
    );
    expect(first).toHaveLength(1);
    // SQL has NULL for a sum of no rows.
    const before = await serving.imports.importBatch(
      asked(
        { to: iso(Date.UTC(2026, 0, 1)), timeColumn: 'stamp', valueColumn: 'stake' },
        { metric: 'stake', source: 'before' },
      ),
    );
    expect(before.map(({ expected, served, cause }) => [expected, served, cause])).toEqual([[null, null, 'NONE']]);
  });

  it('are compared by dimension where columns have its values, also of ratios and of what is missing', async () => {
    await shop.query(
      'CREATE TABLE `by ``sport``; DROP TABLE hourly` (`the day` DATE, sport VARCHAR(20) CHARACTER SET latin1, n INT, mean DOUBLE)',
    );
    await shop.query(
      "INSERT INTO `by ``sport``; DROP TABLE hourly` VALUES ('2026-01-05', 'football', 4, 2.75), ('2026-01-05', 'golf', 3, 5.5), ('2026-01-05', NULL, 1, 5.5), ('2026-01-05', 'chess', 2, 8.5), ('2026-01-05', 'darts', 1, 1)",
    );
    const table = {
      table: 'by `sport`; DROP TABLE hourly',
      timeColumn: 'the day',
      dimensions: [{ name: 'sport', column: 'sport' }],
    };
    now += 24 * HOUR;
    const counted = await serving.imports.importBatch(asked(table, { grain: 'day', source: 'daily' }));
    const shown = counted.map(({ split: [part], expected, served, cause }) => [
      part && 'value' in part ? part.value : part,
      expected,
      served,
      cause,
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['football', '4', '4', 'NONE'],
        ['golf', '3', '3', 'NONE'],
        [null, '1', '1', 'NONE'],
        ['chess', '2', '1', 'UNEXPLAINED'],
        ['darts', '1', '0', 'UNEXPLAINED'],
      ]),
    );
    expect(shown).toHaveLength(5);
    const means = await serving.imports.importBatch(
      asked({ ...table, valueColumn: 'mean' }, { metric: 'mean', grain: 'day', source: 'daily' }),
    );
    expect(means.find(({ split: [part] }) => part && 'value' in part && part.value === 'football')).toMatchObject({
      expected: '2.75',
      served: '2.75',
      cause: 'NONE',
    });
    const { windows, batches } = await serving.imports.shown('bets', {
      source: 'daily',
      differentOnly: true,
      limit: 10,
    });
    expect(windows.map(({ split }) => split)).toEqual([
      [{ name: 'sport', value: 'chess' }],
      [{ name: 'sport', value: 'darts' }],
    ]);
    expect(batches).toEqual(['daily', 'first', 'nightly']);
    now -= 24 * HOUR;
  });

  it.each<[string, object, object, [path: string, code: string, says: RegExp][]]>([
    [
      'a database that is not configured',
      { database: 'secret' },
      {},
      [['table.database', 'UNKNOWN_SOURCE', /warehouse, gone/]],
    ],
    ['a database that is not there', { database: 'gone' }, {}, [['table.database', 'UNREACHABLE', /gone/]]],
    [
      'a table that is not there',
      { table: 'hourly; DROP TABLE hourly' },
      {},
      [['table.table', 'UNKNOWN_TABLE', /hourly; DROP/]],
    ],
    [
      'columns that are not there or of the wrong type',
      { timeColumn: 'n', valueColumn: 'note', dimensions: [{ name: 'sport', column: 'sport' }] },
      {},
      [
        ['table.timeColumn', 'WRONG_TYPE', /hourly\.n is bigint/],
        ['table.valueColumn', 'WRONG_TYPE', /hourly\.note is text/],
        ['table.dimensions[0].column', 'UNKNOWN_COLUMN', /it has hour, stamp, n/],
      ],
    ],
    [
      'a dimension that the metric has not',
      { dimensions: [{ name: 'country', column: 'note' }] },
      {},
      [['table.dimensions[0].name', 'UNKNOWN_DIMENSION', /it has sport/]],
    ],
    [
      'a dimension of times',
      { dimensions: [{ name: 'when', column: 'note' }] },
      { metric: 'by_time' },
      [['table.dimensions[0].name', 'WRONG_TYPE', /times/]],
    ],
    [
      'a time that is NULL',
      { table: 'timeless' },
      {},
      [['table.timeColumn', 'REQUIRED', /timeless\.hour is NULL in row 1/]],
    ],
    [
      'starts that are not bucket starts of the grain',
      { from: iso(START) },
      { grain: 'day' },
      [
        ['table.timeColumn', 'INVALID_DATE', /hourly\.hour, row 1: "2026-01-05 11:00:00" is not the start of a day/],
        ['table.timeColumn', 'INVALID_DATE', /row 2/],
      ],
    ],
    [
      'rows beside a table, and an invalid time',
      { from: 'yesterday' },
      { rows: [] },
      [
        ['table', 'EXACTLY_ONE', /one of/],
        ['table.from', 'INVALID_DATE', /yesterday/],
      ],
    ],
  ])('name what is wrong with %s, and keep nothing', async (_, table, more, problems) => {
    const found = await problemsOf(serving.imports.importBatch({ ...asked(table, { source: 'wrong' }), ...more }));
    expect(found).toEqual(problems.map(([path, code, says]) => ({ path, code, message: expect.stringMatching(says) })));
    expect(await serving.reconciliations.batches.sources('bets')).not.toContain('wrong');
  });

  it('reads only: the session cannot write, on the server too', async () => {
    const sources = new BatchSources(parseBatchSources(`warehouse=${database.url.href}`) ?? new Map());
    await expect(sources.read('warehouse', (session) => session.write('DELETE FROM hourly'))).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
  });

  it('compares the largest values of a dimension apart and all others together, and sees where one is wrong', async () => {
    const range = { from: iso(START), to: iso(START + 2 * HOUR) };
    const compared = async () => {
      await serving.imports.compareNow({ metric: 'bets', ...range, dimension: 'sport', top: 2 });
      const { windows } = await serving.imports.shown('bets', { differentOnly: false, limit: 20 });
      return windows
        .filter(({ split }) => split.length > 0)
        .map(({ start, split: [part], expected, served, cause }) => [
          (start - START) / HOUR,
          part && 'value' in part ? part.value : 'other',
          expected,
          served,
          cause,
        ]);
    };
    const equal = [
      [0, 'football', '3', '3'],
      [0, 'golf', '2', '2'],
      [0, 'other', '1', '1'],
      [1, 'football', '1', '1'],
      [1, 'golf', '1', '1'],
      [1, 'other', '1', '1'],
    ].map((row) => [...row, 'NONE']);
    const found = await compared();
    expect(found).toHaveLength(6);
    expect(found).toEqual(expect.arrayContaining(equal));
    const rollup = test.analytics.metrics.current('bets')?.rollup ?? '';
    const first = `SELECT * FROM ${rollup} FINAL WHERE d1 = 'vfootball' AND w < '2026-01-05 11:00:00' ORDER BY w LIMIT 1`;
    // One football bet is recorded as golf: the total stays correct.
    await test.analytics.store.engine.run(
      `INSERT INTO ${rollup} SELECT * REPLACE ('vgolf' AS d1, batch + 1 AS batch) FROM (${first})`,
    );
    await test.analytics.store.engine.run(
      `INSERT INTO ${rollup} SELECT * REPLACE (0 AS n, batch + 2 AS batch) FROM (${first})`,
    );
    await serving.imports.compareNow({ metric: 'bets', ...range });
    expect(await compared()).toEqual(
      expect.arrayContaining([
        [0, 'football', '3', '2', 'UNEXPLAINED'],
        [0, 'golf', '2', '3', 'UNEXPLAINED'],
        [0, 'other', '1', '1', 'NONE'],
      ]),
    );
    expect(await serving.reconciliations.status('bets')).toMatchObject({ state: 'DIFFERENT', different: 2 });
    expect(
      await problemsOf(serving.imports.compareNow({ metric: 'bets', ...range, dimension: 'country', top: 0 })),
    ).toMatchObject([
      { path: 'top', code: 'OUT_OF_RANGE' },
      { path: 'dimension', code: 'UNKNOWN_DIMENSION' },
    ]);
  });

  it('keeps results stored before parts had a column of their own', async () => {
    const { engine } = test.analytics.store;
    await engine.run('DROP TABLE batch_results');
    await engine.run(
      'CREATE TABLE batch_results (metric String, source String, start UInt64, end UInt64, value String, taken UInt64, imported UInt64) ENGINE = ReplacingMergeTree(imported) ORDER BY (metric, source, start, end)',
    );
    await engine.run(`INSERT INTO batch_results VALUES ('bets', 'old', ${START}, ${START + HOUR}, '6', ${now}, 1)`);
    const again = await Serving.open(test.analytics, pino({ level: 'fatal' }));
    expect(await again.reconciliations.compareBatch('bets', 'old')).toMatchObject([
      { split: [], expected: '6', served: '6', cause: 'NONE' },
    ]);
    await again.close();
  });
});

describe('ANALYTICS_BATCH_SOURCES', () => {
  it('names databases', () => {
    expect(parseBatchSources('a=mysql://me:p%2Cw@db/shop?tls=true, b=mariadb://me@[::1]:3307/x')).toEqual(
      new Map([
        ['a', { name: 'a', host: 'db', port: 3306, database: 'shop', user: 'me', password: 'p,w', tls: true }],
        ['b', { name: 'b', host: '::1', port: 3307, database: 'x', user: 'me', password: '', tls: false }],
      ]),
    );
    expect(parseBatchSources('')).toEqual(new Map());
  });

  it.each([
    'warehouse',
    'a=',
    'a=mysql://db',
    'a=postgres://db/x',
    'a b=mysql://db/x',
    'a=mysql://db/x,a=mysql://db/y',
    'a=mysql://db/x/y',
  ])('does not take %j', (text) => {
    expect(parseBatchSources(text)).toBeUndefined();
  });
});
