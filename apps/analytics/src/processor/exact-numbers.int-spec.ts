import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Big } from 'big.js';
import { pino } from 'pino';
import { buckets, type MetricBody } from '@paddock/metrics';
import { temporaryDirectory } from '@paddock/testing';
import { readBody } from '../collector/read-body.js';
import { assertColumnsFit } from '../config/column-conflicts.js';
import { readSeries } from '../queries/series.js';
import { Serving } from '../serving.js';
import { openEngine } from '../store/engine.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 10);
const trade = contract(
  'trade',
  { user: 'string', amount: 'number', n: 'integer', more: 'object' },
  { time: { outOfOrder: '1s' } },
);
const of = (agg: 'sum' | 'min' | 'max' | 'average' | 'count_distinct', expr = 'amount'): Omit<MetricBody, 'title'> => ({
  simple: { event: 'trade', agg, expr },
});
const defined = definitions([trade], {
  sum: of('sum'),
  least: of('min'),
  most: of('max'),
  mean: of('average'),
  different: of('count_distinct'),
  tripled: of('sum', 'amount * 3'),
  cubed: of('sum', 'amount * amount * amount'),
  share: { ratio: { numerator: { metric: 'sum' }, denominator: { metric: 'tripled' } } },
  twice: { derived: { expr: 'sum * 2', inputs: [{ metric: 'sum' }] } },
});

describe('numbers of events', () => {
  let now = START;
  let test: TestAnalytics;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    now = START + 60_000;
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await test.close();
    await directory.remove();
  });

  async function open(): Promise<void> {
    test = await testAnalytics({ clock: () => now, storeDirectory: directory.path });
    await assertColumnsFit(test.analytics.store.engine, defined);
    await test.analytics.apply(defined);
    await test.analytics.processor.start();
  }
  let ids = 0;
  const line = (amount: string, more = '') =>
    `{"event":"trade","id":"t${(ids += 1)}","at":"${new Date(START).toISOString()}","amount":${amount}${more}}`;
  async function take(...lines: string[]) {
    const before = test.handled();
    const answer = await test.analytics.collector.take(readBody(Buffer.from(lines.join('\n')), 1_000).events, {
      producer: 'test',
    });
    await test.stored(before + answer.accepted);
    return answer;
  }
  async function exact(metric: string): Promise<string | undefined> {
    const { rows } = await readSeries(test.analytics.context, {
      metric,
      intervals: buckets(START, START + HOUR, 'hour', 'UTC'),
      timeZone: 'UTC',
    });
    return rows[0]?.values[0]?.toFixed();
  }
  const all = async () =>
    Promise.all(['sum', 'least', 'most', 'mean', 'different', 'tripled', 'share', 'twice'].map(exact));

  it.each([
    [
      'a hundred times 0.0000004',
      Array(100).fill('0.0000004'),
      ['0.00004', '0.0000004', '0.0000004', '0.0000004', '1', '0.00012', '0.33333333333333333333', '0.00008'],
    ],
    [
      'ten times 1e-8',
      Array(10).fill('1e-8'),
      ['0.0000001', '0.00000001', '0.00000001', '0.00000001', '1', '0.0000003', '0.33333333333333333333', '0.0000002'],
    ],
    [
      'three times 1.23456789',
      Array(3).fill('1.23456789'),
      [
        '3.70370367',
        '1.23456789',
        '1.23456789',
        '1.23456789',
        '1',
        '11.11111101',
        '0.33333333333333333333',
        '7.40740734',
      ],
    ],
    [
      'values that differ in the seventh place',
      ['1.0000005', '1.0000015'],
      ['2.000002', '1.0000005', '1.0000015', '1.000001', '2', '6.000006', '0.33333333333333333333', '4.000004'],
    ],
    [
      'the largest and the smallest',
      ['999999999999', '-999999999999', '0.000000001'],
      [
        '0.000000001',
        '-999999999999',
        '999999999999',
        '0.00000000033333333333',
        '3',
        '0.000000003',
        '0.33333333333333333333',
        '0.000000002',
      ],
    ],
  ])('are kept as they were written: %s', async (_, amounts: string[], expected) => {
    await open();
    expect(await take(...amounts.map((amount) => line(amount)))).toMatchObject({ rejected: [] });
    expect(await all()).toEqual(expected);
    now += 2 * HOUR;
    await test.settle();
    expect(await all()).toEqual(expected);
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    await serving.reconciliations.compareDue();
    for (const metric of ['sum', 'least', 'most', 'mean', 'different', 'tripled', 'share', 'twice'])
      expect({ metric, ...(await serving.reconciliations.status(metric)) }).toMatchObject({ metric, state: 'EQUAL' });
    await serving.close();
  });

  it('are multiplied exactly, the largest too', async () => {
    await open();
    await take(line('999999999999.123'), line('999999999999.123'), line('0.000000001'));
    const cube = new Big('999999999999.123').pow(3).times(2).plus('1e-27');
    expect(await exact('cubed')).toBe(cube.toFixed());
    now += 2 * HOUR;
    await test.settle();
    expect(await exact('cubed')).toBe(cube.toFixed());
  });

  it('that would change are refused by their field, each by itself', async () => {
    await open();
    const refused: [string, string, string][] = [
      ['0.0000000001', '', 'NUMBER_TOO_PRECISE amount has 10 decimals, at most 9 are kept'],
      ['1e-400', '', 'NUMBER_TOO_PRECISE amount is a number that'],
      ['0.12345678901234567', '', 'NUMBER_TOO_PRECISE amount is a number that'],
      ['1.0000000000000001', '', 'NUMBER_TOO_PRECISE amount is a number that'],
      ['1', ',"n":9007199254740993', 'NUMBER_TOO_PRECISE n is a number that'],
      ['1', ',"n":9007199254740992', 'NUMBER_OUT_OF_RANGE n must be a whole number within ±(2^53 - 1)'],
      ['1', ',"more":{"a":[0,{"b":9007199254740993}]}', 'NUMBER_TOO_PRECISE more.a[1].b is a number that'],
      ['1', ',"undeclared":12345678901234567890123', 'NUMBER_TOO_PRECISE undeclared is a number that'],
      ['1', ',"more":{"a":1e400}', 'NUMBER_TOO_PRECISE more.a is a number that'],
      ['1e12', '', 'NUMBER_OUT_OF_RANGE amount must be a number below 10^12'],
    ];
    const { accepted, rejected } = await take(
      line('2'),
      ...refused.map(([amount, more]) => line(amount, more)),
      line('3', ',"n":9007199254740991,"more":{"x":0.1}'),
    );
    expect(accepted).toBe(2);
    expect(rejected.map(({ index, code, field = '', message }) => `${index} ${code} ${field} ${message}`)).toEqual(
      refused.map(([, , said], index) => expect.stringContaining(`${index + 1} ${said}`)),
    );
    expect(await exact('sum')).toBe('5');
    await test.until(() => test.analytics.processor.counts.refused === refused.length);
    const serving = await Serving.open(test.analytics, pino({ level: 'silent' }));
    const { events } = await serving.quarantine.browse({}, { first: 20 });
    expect(events.map(({ original }) => original)).toContainEqual(
      expect.stringContaining('"undeclared":12345678901234567890123'),
    );
    expect(
      await serving.quarantine.repair({
        where: {},
        mapping: [{ convert: { field: 'undeclared', to: 'TEXT' } }, { drop: { field: 'n' } }],
        dryRun: false,
        limit: 100,
      }),
    ).toMatchObject({ repaired: 3 });
    await serving.close();
  });

  it('that an earlier version stored with six decimals exist after the upgrade', async () => {
    const old = await openEngine({ directory: directory.path });
    await old.run(
      "CREATE TABLE raw_trade (_id String, _time DateTime64(3, 'UTC') CODEC(Delta, ZSTD), _received DateTime64(3, 'UTC') CODEC(Delta, ZSTD), _user String, _session String, _producer LowCardinality(String), _contract LowCardinality(String), _bot Bool, _skew Int32, _extra String, _rank Int64 MATERIALIZED -toUnixTimestamp64Milli(_received), _minute DateTime('UTC') MATERIALIZED toStartOfMinute(_time) CODEC(Delta, LZ4)," +
        " amount Nullable(Decimal(18, 6)), more Nullable(String), n Nullable(Int64), user Nullable(String) ALIAS nullIf(_user, ''), id Nullable(String) ALIAS nullIf(_id, ''), at DateTime64(3, 'UTC') ALIAS _time - toIntervalSecond(_skew))" +
        ' ENGINE = ReplacingMergeTree(_rank) PARTITION BY toYYYYMM(_time) ORDER BY (toStartOfMinute(_time), cityHash64(_id), _id)',
    );
    await old.run(
      `INSERT INTO raw_trade (_id, _time, _received, _contract, amount) SELECT concat('old', toString(number)), fromUnixTimestamp64Milli(toInt64(${START}), 'UTC'), fromUnixTimestamp64Milli(toInt64(${START}), 'UTC'), '1.0.0', toDecimal64('999999999999.123456', 6) FROM numbers(3)`,
    );
    await old.run(
      'CREATE TABLE touched (event LowCardinality(String), minute UInt32, batch UInt64) ENGINE = ReplacingMergeTree(batch) ORDER BY (event, minute)',
    );
    await old.run(`INSERT INTO touched VALUES ('trade', ${START / 60_000}, 1)`);
    await old.close();
    await open();
    expect(await exact('sum')).toBe('2999999999997.370368');
    await take(
      line('0.000000001'),
      `{"event":"trade","id":"old1","at":"${new Date(START + 60_000).toISOString()}","amount":5}`,
    );
    expect(await exact('sum')).toBe('2999999999997.370368001');
    now += 2 * HOUR;
    await test.settle();
    expect(await exact('sum')).toBe('2999999999997.370368001');
  });
});
