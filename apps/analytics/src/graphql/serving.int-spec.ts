import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { sha256Hex } from '@paddock/contracts';
import { ApiKeys } from '../access/api-keys.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import { createServer } from '../http/create-server.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const START = Date.UTC(2026, 0, 5, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (at: number): string => new Date(at).toISOString();
const bet = contract(
  'bet',
  { user: 'string', amount: 'number', sport: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const dimensions = [{ name: 'sport', maxCardinality: 50 }];

let now = START;
let test: TestAnalytics;
let app: NestFastifyApplication;
let ids = 0;

beforeAll(async () => {
  test = await testAnalytics({ clock: () => now });
  await test.analytics.apply(
    definitions(
      [bet],
      {
        bets: { simple: { event: 'bet', agg: 'count', dimensions } },
        stake: { simple: { event: 'bet', agg: 'sum', expr: 'amount', dimensions } },
        players: { simple: { event: 'bet', agg: 'count_distinct', expr: '$user', dimensions } },
        per_player: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'players' } } },
        filled: { simple: { event: 'bet', agg: 'sum', expr: 'amount' }, serving: { fillNullsWith: 0 } },
        path: {
          funnel: {
            order: 'ordered',
            window: '1h',
            steps: [
              { name: 'small', event: 'bet', filter: { lt: { field: 'amount', value: 10 } } },
              { name: 'large', event: 'bet', filter: { gte: { field: 'amount', value: 10 } } },
            ],
          },
        },
        again: {
          retention: { start: { event: 'bet' }, return: { event: 'bet' }, mode: 'bounded', period: 'day', periods: 1 },
        },
      },
      {
        'stake-by-sport': {
          metric: 'stake',
          dimensions: ['sport'],
          grain: 'hour',
          range: { from: iso(START), to: iso(START + 2 * HOUR) },
          compareTo: 'PREVIOUS_DAY',
          limit: 2,
          visualisation: 'bar',
        },
        'largest-by-user': {
          measure: { event: 'bet', agg: 'max', expr: 'amount' },
          dimensions: ['user'],
          filter: { lt: { field: 'amount', value: 20 } },
          grain: 'hour',
          range: { last: '4h' },
          limit: 2,
        },
      },
    ),
  );
  await test.analytics.processor.start();
  const keys = new ApiKeys(
    new Map([
      [sha256Hex('reader'), { name: 'board', scopes: ['read'] }],
      [sha256Hex('operator'), { name: 'ops', scopes: ['read', 'operate'] }],
    ]),
  );
  app = await createServer(test.analytics, new ProducerKeys(new Map(), true), pino({ level: 'fatal' }), undefined, {
    keys,
    production: false,
  });
  await app.listen(0);
  now = START + 3 * HOUR;
  await send(
    event(0, { user: 'a', amount: 5 }),
    event(1, { user: 'a', amount: 20 }),
    event(2, { user: 'b', amount: 7.5, sport: 'tennis' }),
    event(61, { user: 'b', amount: 10, sport: '=cmd|calc' }),
    event(62, { user: 'c', amount: 1, sport: null }),
    event(62, { user: 'a', amount: 2, sport: 'golf' }),
  );
});
afterAll(async () => {
  await app.close();
  await test.remove();
});

const event = (minute: number, more: object = {}) => ({
  event: 'bet',
  id: `e${(ids += 1)}`,
  at: iso(START + minute * MINUTE),
  user: 'u',
  amount: 10,
  sport: 'football',
  ...more,
});
async function send(...events: object[]): Promise<void> {
  const before = test.handled();
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(before + events.length);
}
async function settle(): Promise<void> {
  await test.analytics.rollups.advance();
  now += 2 * MINUTE;
  await test.analytics.rollups.advance();
}
async function ask(query: string, variables: object, key = 'operator') {
  const { body } = await supertest(app.getHttpServer())
    .post('/graphql')
    .set('authorization', `Bearer ${key}`)
    .send({ query, variables });
  return body;
}
const PROBLEM = '... on ValidationProblem { code fields { path code message } }';
const SERIES = `query ($input: MetricSeriesInput!) { metricSeries(input: $input) { __typename ... on MetricSeries {
  metric grain timeZone limited versions { metric revision seq computation } catchingUp buckets { start end finality } route { source estimatedRows } freshness { watermark lagMs } reconciliation { state authority windows different }
  series { dimensions { name kind value } points { start value exact finality previous } } } ${PROBLEM} } }`;
const range = { from: iso(START), to: iso(START + 2 * HOUR), grain: 'HOUR' };
async function series(input: object, key?: string) {
  const body = await ask(SERIES, { input: { ...range, ...input } }, key);
  expect(body.errors).toBeUndefined();
  return body.data.metricSeries;
}
const table = (answer: {
  series: { dimensions: { kind: string; value: string | null }[]; points: { value: number | null }[] }[];
}) =>
  Object.fromEntries(
    answer.series.map(({ dimensions: cells, points }) => [
      cells.map(({ kind, value }) => value ?? kind).join('/'),
      points.map(({ value }) => value),
    ]),
  );

describe('metricSeries', () => {
  it('answers with every bucket, its finality, and where it was read', async () => {
    const answer = await series({ metric: 'stake' });
    expect(answer).toMatchObject({
      __typename: 'MetricSeries',
      grain: 'HOUR',
      timeZone: 'UTC',
      limited: false,
      catchingUp: false,
      freshness: { watermark: expect.any(String) },
      reconciliation: { authority: 'SHADOW' },
    });
    // It comes from a file, so it has no release.
    expect(answer.versions).toEqual([
      { metric: 'stake', revision: null, seq: null, computation: expect.stringMatching(/^rollup_/) },
    ]);
    expect(table(answer)).toEqual({ '': [32.5, 13] });
    expect(answer.series[0].points[0]).toMatchObject({ exact: '32.5', start: iso(START) });
  });

  it('keeps the largest combinations apart and merges the rest, distinct counts and ratios too', async () => {
    expect(table(await series({ metric: 'bets', dimensions: ['sport'], limit: 1 }))).toEqual({
      football: [2, 0],
      OTHER: [1, 3],
    });
    expect(table(await series({ metric: 'players', dimensions: ['sport'], limit: 1 }))).toMatchObject({
      OTHER: expect.anything(),
    });
    const ratio = table(await series({ metric: 'per_player', dimensions: ['sport'], limit: 1, grain: 'DAY' }));
    expect(ratio).toEqual({ football: [25], OTHER: [20.5 / 3].map((value) => expect.closeTo(value, 10)) });
  });

  it('is the same from raw events and from the rollup, also with a filter on a dimension', async () => {
    const filter = { in: { field: 'sport', values: ['football', 'golf'] } };
    const inputs = [
      { metric: 'bets', dimensions: ['sport'] },
      { metric: 'players' },
      { metric: 'stake', filter },
      { metric: 'stake', filter: { not: { eq: { field: 'sport', value: 'golf' } } } },
      { metric: 'stake', filter: { gt: { field: 'amount', value: 5 } } },
    ];
    const before = await Promise.all(inputs.map((input) => series(input)));
    await settle();
    const after = await Promise.all(inputs.map((input) => series(input)));
    expect(after.map(table)).toEqual(before.map(table));
    expect(after.map(({ route }) => route.source)).toEqual(['ROLLUP', 'ROLLUP', 'ROLLUP', 'ROLLUP', 'RAW']);
    expect(before.map(({ route }) => route.source)).toEqual(['MIXED', 'MIXED', 'MIXED', 'MIXED', 'RAW']);
  });

  it('compares with the time before, and fills where the metric says so', async () => {
    const {
      series: [one],
    } = await series({ metric: 'stake', from: iso(START + HOUR), compareTo: 'PREVIOUS_PERIOD' });
    expect(one.points).toMatchObject([{ value: 13, previous: 32.5 }]);
    expect(table(await series({ metric: 'filled', from: iso(START - HOUR) }))).toEqual({ '': [0, 32.5, 13] });
    expect(table(await series({ metric: 'stake', from: iso(START - HOUR) }))).toEqual({ '': [null, 32.5, 13] });
  });

  it('has the hours that a local day has', async () => {
    const day = { timeZone: 'Europe/London', metric: 'bets', grain: 'HOUR' };
    expect((await series({ ...day, from: '2025-03-30T00:00:00Z', to: '2025-03-30T23:00:00Z' })).buckets).toHaveLength(
      23,
    );
    expect((await series({ ...day, from: '2025-10-25T23:00:00Z', to: '2025-10-27T00:00:00Z' })).buckets).toHaveLength(
      25,
    );
    expect(
      (await series({ ...day, grain: 'DAY', from: '2025-10-25T23:00:00Z', to: '2025-10-27T00:00:00Z' })).buckets,
    ).toEqual([expect.objectContaining({ start: '2025-10-25T23:00:00.000Z', end: '2025-10-27T00:00:00.000Z' })]);
  });

  it('computes one answer for equal queries, and a new one after new events', async () => {
    const { cache } = app.get((await import('../queries/queries.js')).Queries);
    const input = { metric: 'bets', from: iso(START), to: iso(START + 1), grain: 'MINUTE' };
    const [first] = await Promise.all([series(input), series(input), series(input)]);
    const misses = cache.misses;
    await series(input);
    expect(cache.misses).toBe(misses);
    await send(event(0, { user: 'late', sport: 'late' }));
    expect(table(await series(input))['']).toEqual([table(first)['']?.[0] === 1 ? 2 : expect.anything()]);
    expect(cache.misses).toBe(misses + 1);
  });

  it.each<[string, object, object[]]>([
    ['an unknown metric', { metric: 'nope' }, [{ path: 'metric', code: 'UNKNOWN_METRIC' }]],
    [
      'an invalid time, an unknown zone and an unknown dimension at once',
      { metric: 'bets', from: '2026-02-30', timeZone: 'Mars/Base', dimensions: ['colour'] },
      [
        { path: 'from', code: 'INVALID_DATE' },
        { path: 'timeZone', code: 'UNKNOWN_TIME_ZONE' },
        { path: 'dimensions[0]', code: 'UNKNOWN_DIMENSION' },
      ],
    ],
    ['an end before the start', { metric: 'bets', to: iso(START) }, [{ path: 'to', code: 'OUT_OF_RANGE' }]],
    [
      'too many buckets',
      { metric: 'bets', from: '1970-01-01T00:00:00Z', grain: 'SECOND' },
      [{ path: 'grain', code: 'TOO_MANY_BUCKETS' }],
    ],
    ['a limit of nothing', { metric: 'bets', limit: 0 }, [{ path: 'limit', code: 'OUT_OF_RANGE' }]],
    [
      'a filter on no field, and of a wrong type',
      {
        metric: 'bets',
        filter: { and: [{ eq: { field: 'colour', value: 'x' } }, { gt: { field: 'amount', value: 'ten' } }] },
      },
      [
        { path: 'filter.and[0].eq.field', code: 'UNKNOWN_EVENT_FIELD' },
        { path: 'filter.and[1].gt.field', code: 'WRONG_TYPE' },
      ],
    ],
    ['a funnel', { metric: 'path' }, [{ path: 'metric', code: 'NOT_A_SERIES' }]],
  ])('names what is wrong: %s', async (_, input, problems) => {
    const { fields } = await series(input);
    expect(fields).toEqual(problems.map((problem) => expect.objectContaining(problem)));
  });

  it('treats SQL in a filter as text', async () => {
    const value = "x') OR 1=1; DROP TABLE raw_bet; --\n\nDROP TABLE raw_bet";
    expect(table(await series({ metric: 'bets', filter: { eq: { field: 'sport', value } } }))).toEqual({ '': [0, 0] });
    expect(table(await series({ metric: 'bets', dimensions: ['sport'] }))).toMatchObject({
      football: expect.anything(),
    });
  });
});

describe('other queries', () => {
  it('explores any measure by any field', async () => {
    const query = `query ($input: ExploreInput!) { explore(input: $input) { ... on MetricSeries { route { source } reconciliation { state } series { dimensions { kind value } points { value } } } ${PROBLEM} } }`;
    const measure = { event: 'bet', agg: 'MAX', expr: 'amount' };
    const { data } = await ask(query, {
      input: { ...range, measure, dimensions: ['user'], filter: { lt: { field: 'amount', value: 20 } }, limit: 2 },
    });
    expect(table(data.explore)).toMatchObject({ b: [7.5, 10], OTHER: [5, 2] });
    expect(data.explore).toMatchObject({ route: { source: 'RAW' }, reconciliation: null });
    const wrong = await ask(query, {
      input: { ...range, measure: { event: 'bet', agg: 'SUM', expr: 'user' }, dimensions: ['nope'] },
    });
    expect(wrong.data.explore.fields).toEqual([
      expect.objectContaining({ path: 'measure.expr', code: 'WRONG_TYPE' }),
      expect.objectContaining({ path: 'dimensions[0]' }),
    ]);
  });

  it('asks what was saved as config, and answers as the same query does', async () => {
    const fields = 'series { dimensions { kind value } points { start value exact finality previous } }';
    const query = `query ($key: String!) { exploration(key: $key) { ... on Exploration { from to saved { title visualisation } answer { metric title limited ${fields} } } ${PROBLEM} } }`;
    const { data: one } = await ask(query, { key: 'stake-by-sport' });
    const asked = await series({ metric: 'stake', dimensions: ['sport'], compareTo: 'PREVIOUS_DAY', limit: 2 });
    expect(one.exploration).toMatchObject({
      saved: { title: 'stake-by-sport', visualisation: 'BAR' },
      answer: {
        metric: 'stake',
        limited: true,
        series: asked.series.map(({ points }: { points: object[] }) => ({ points })),
      },
    });
    const { data: other } = await ask(query, { key: 'largest-by-user' });
    const { from, to, answer } = other.exploration;
    expect(Date.parse(to) - Date.parse(from)).toBe(4 * HOUR);
    const input = {
      measure: { event: 'bet', agg: 'MAX', expr: 'amount' },
      dimensions: ['user'],
      filter: { lt: { field: 'amount', value: 20 } },
      grain: 'HOUR',
      from,
      to,
      limit: 2,
    };
    const { data } = await ask(
      `query ($input: ExploreInput!) { explore(input: $input) { ... on MetricSeries { metric title limited ${fields} } ${PROBLEM} } }`,
      { input },
    );
    expect(answer).toEqual(data.explore);
    expect(table(answer)).toMatchObject({ OTHER: expect.anything() });
  });

  it('lists what was saved, and names one that was not', async () => {
    const { data } = await ask(
      `{ explorations { key metric event last visualisation } exploration(key: "nothing") { ${PROBLEM} } }`,
      {},
    );
    expect(data.explorations).toEqual([
      { key: 'largest-by-user', metric: null, event: 'bet', last: '4h', visualisation: null },
      { key: 'stake-by-sport', metric: 'stake', event: null, last: null, visualisation: 'BAR' },
    ]);
    expect(data.exploration.fields).toMatchObject([{ path: 'key', code: 'UNKNOWN_EXPLORATION' }]);
  });

  it('lists the most frequent values with the rest', async () => {
    const query = `query ($input: TopValuesInput!) { topValues(input: $input) { ... on TopValues { total other values { value count share } } ${PROBLEM} } }`;
    const { data } = await ask(query, {
      input: { event: 'bet', field: 'user', from: iso(START), to: iso(START + 2 * HOUR), limit: 1 },
    });
    expect(data.topValues).toMatchObject({ values: [{ value: 'a', count: 3 }], other: data.topValues.total - 3 });
  });

  it('follows a funnel and a retention', async () => {
    const funnel = await ask(
      `query ($input: FunnelInput!) { funnel(input: $input) { ... on Funnel { groups { value steps { name count fromFirst } } } ${PROBLEM} } }`,
      { input: { metric: 'path', from: iso(START), to: iso(START + 2 * HOUR) } },
    );
    expect(funnel.data.funnel.groups[0].steps).toMatchObject([
      { name: 'small', count: 3 },
      { name: 'large', count: 2, fromFirst: 2 / 3 },
    ]);
    const retention = await ask(
      `query ($input: RetentionInput!) { retention(input: $input) { ... on Retention { cohorts { size periods { returned } } } ${PROBLEM} } }`,
      { input: { metric: 'again', from: iso(START), to: iso(START + HOUR) } },
    );
    expect(retention.data.retention.cohorts[0].size).toBeGreaterThanOrEqual(3);
    const wrong = await ask(`query ($input: RetentionInput!) { retention(input: $input) { ${PROBLEM} } }`, {
      input: { metric: 'bets', from: iso(START), to: iso(START + HOUR) },
    });
    expect(wrong.data.retention.fields).toMatchObject([{ path: 'metric', code: 'NOT_A_RETENTION' }]);
  });
});

describe('access', () => {
  it.each([
    ['', 'UNAUTHENTICATED'],
    ['guess', 'TOKEN_INVALID'],
    ['reader', 'FORBIDDEN'],
  ])('key %j may not repair the quarantine', async (key, code) => {
    const body = await ask(`{ quarantine { ${PROBLEM} } }`, {}, key);
    expect(body.errors[0].extensions.code).toBe(code);
  });

  it('lets a reader read, and refuses requests without a key', async () => {
    expect(await series({ metric: 'bets' }, 'reader')).toMatchObject({ __typename: 'MetricSeries' });
    expect((await ask(SERIES, { input: { ...range, metric: 'bets' } }, '')).errors[0].extensions.code).toBe(
      'UNAUTHENTICATED',
    );
    const { status, body } = await supertest(app.getHttpServer()).get('/v1/metrics/bets.csv');
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('weighs operations before it runs them', async () => {
    const deep = `{ a: ${'__schema { types { fields { type { '.repeat(1)}${'ofType { '.repeat(12)} name ${'} '.repeat(12)} } } } } }`;
    expect((await ask(deep, {})).errors[0].extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      measure: 'introspectionDepth',
      limit: 16,
    });
  });
});

describe('CSV', () => {
  const csv = (query: Record<string, string>) =>
    supertest(app.getHttpServer()).get('/v1/metrics/bets.csv').set('paddock-client-key', 'reader').query(query);

  it('has a line per point, and no formula', async () => {
    const { text, headers } = await csv({ ...range, grain: 'day', dimensions: 'sport' });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')[0]).toBe('start,end,sport,value,finality');
    expect(text).toContain(`,'=cmd|calc,1,`);
    expect(text.split('\r\n').some((line) => line.split(',').some((cell) => /^[=+@]/.test(cell)))).toBe(false);
  });

  it('reports every mistake, by parameter', async () => {
    const { status, body } = await csv({
      from: 'yesterday',
      grain: 'eon',
      compareTo: 'LAST',
      colour: 'x',
      timeZone: 'Mars/Base',
      limit: 'many',
      dimensions: 'sport,colour',
      filter: '{',
    });
    expect(status).toBe(400);
    const found = body.errors.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`).sort();
    expect(found).toEqual([
      'colour UNKNOWN_FIELD',
      'compareTo NOT_ALLOWED',
      'dimensions[1] UNKNOWN_DIMENSION',
      'filter INVALID_JSON',
      'from INVALID_DATE',
      'grain NOT_ALLOWED',
      'limit OUT_OF_RANGE',
      'timeZone UNKNOWN_TIME_ZONE',
      'to REQUIRED',
    ]);
  });

  it('reports every mistake of an import, in parameters and rows', async () => {
    const upload = (query: Record<string, string>, text: string) =>
      supertest(app.getHttpServer())
        .post('/v1/metrics/bets/batch-results')
        .set('paddock-client-key', 'operator')
        .set('content-type', 'text/csv')
        .query(query)
        .send(text);
    const { status, body } = await upload(
      { source: 'recomputation', colour: 'x' },
      'date,value\n2026-01-05T10:30,1\n2026-01-06,many\n',
    );
    expect(status).toBe(400);
    const found = body.errors.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`).sort();
    expect(found).toEqual([
      'colour UNKNOWN_FIELD',
      'csv INVALID_DATE',
      'csv WRONG_TYPE',
      'source INVALID_NAME',
      'takenAt REQUIRED',
    ]);
    const empty = await upload({ grain: 'eon' }, ' ');
    expect(empty.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'body',
      'grain',
      'source',
      'takenAt',
    ]);
    const right = await upload({ source: 'nightly', takenAt: iso(now) }, 'date,value\n2026-01-05,6\n');
    expect({ status: right.status, windows: right.body.windows }).toEqual({ status: 200, windows: 1 });
  });
});
