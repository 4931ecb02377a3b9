import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Analytics } from '../apps/analytics/src/analytics.js';
import { ApiKeys } from '../apps/analytics/src/access/api-keys.js';
import { ProducerKeys } from '../apps/analytics/src/collector/producer-keys.js';
import { parseDefinitions } from '../apps/analytics/src/definitions/definitions-file.js';
import { createServer } from '../apps/analytics/src/http/create-server.js';
import { openEngine } from '../apps/analytics/src/store/engine.js';
import { memoryEventLog } from '@paddock/eventlog';
import { betDefinitions } from './bets.js';
import type { Figure, Observation, Outcome } from './figures.js';
import { median, ms, percentile, spreadOf } from './statistics.js';

const ROUNDS = 15;
/** Asked so often before it counts: a service that answers has been answering for a while. */
const WARM_UP = 10;
const DAY = 86_400_000;

/**
 * A query of a board, and the handwritten SQL for it on the table of events: each event once,
 * however often it came, one reading, and the columns `at`, `name` and `value` of the answer's points.
 */
interface BoardQuery {
  name: string;
  query: string;
  input: object;
  sql: string;
}

type Engine = Awaited<ReturnType<typeof openEngine>>;

/**
 * The cost of a query through GraphQL, against handwritten SQL for it on the same engine, in turns. `events` lie on one
 * day; the cache of answers is emptied before each query.
 */
export async function benchQueries({ events = 1_000_000 } = {}): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  const logger = pino({ level: 'warn' });
  const start = Math.floor(Date.now() / DAY) * DAY - 2 * DAY;
  const engine = await openEngine({ directory: join(directory, 'store') });
  const log = memoryEventLog();
  const analytics = await Analytics.open({
    log,
    engine,
    logger,
    limits: { maxBodyBytes: 1 << 20, maxEvents: 1_000, maxBufferedBytes: 1 << 20 },
  });
  const keys = new ApiKeys(new Map(), true);
  try {
    const definitions = parseDefinitions(betDefinitions(8));
    await analytics.apply(definitions);
    await engine.run(
      `INSERT INTO raw_bet (_id, _time, _received, _user, _session, _producer, _contract, _bot, _skew, _extra, amount, country, ms) SELECT concat('e', toString(number)), fromUnixTimestamp64Milli(toInt64(${start} + (number * 7919) % ${DAY}), 'UTC'), now64(3),` +
        ` concat('u', toString(number % 50000)), '', 'bench', '1.0.0', false, 0, '', toDecimal64((number % 10000) / 100, 6), concat('c', toString(toUInt8(sqrt(number % 1600)))), toDecimal64(number % 997, 6) FROM numbers(${events})`,
    );
    // Of a table in one piece each event is known to be there once: the least that hand-written SQL has to do.
    await engine.run('OPTIMIZE TABLE raw_bet FINAL');
    await engine.run(`INSERT INTO touched SELECT 'bet', toUInt32(${start / 60_000} + number), 1 FROM numbers(1440)`);
    const app = await createServer(analytics, new ProducerKeys(new Map(), true), logger, undefined, {
      keys,
      production: true,
    });
    await app.listen(0, '127.0.0.1');
    // Applied again, so that what was put in beside the log is found to be missing.
    for (const key of definitions.metricKeys) analytics.rollups.keepOnly(new Set(key));
    await analytics.apply(definitions);
    analytics.rollups.complete(1);
    analytics.sources.observe('bet', start + 2 * DAY, Date.now(), Date.now());
    const computing = performance.now();
    await computeAll(analytics);
    const computed = (performance.now() - computing) / 1_000;
    const url = `${await app.getUrl()}/graphql`;
    for (let round = 0; round < WARM_UP; round += 1)
      for (const boardQuery of boardQueries(start)) await ask(boardQuery, url, analytics);
    const figures: Figure[] = [];
    const cpuTimes: Observation[] = [];
    const [series, explored]: [number[], number[]] = [[], []];
    for (const boardQuery of boardQueries(start)) {
      const { figure, delays, cpu } = await compare(boardQuery, url, analytics, engine);
      figures.push(figure);
      cpuTimes.push(cpu);
      (boardQuery.name.startsWith('metricSeries') ? series : explored).push(...delays);
    }
    const p95 = percentile(series, 0.95);
    figures.push({
      name: `metricSeries over ${millions(events)} events, p95`,
      measured: ms(p95),
      limit: '300 ms',
      ratio: p95 / 300,
      bar: { atMost: 1 },
    });
    const observations = [
      ...cpuTimes,
      { name: `8 metrics over ${millions(events)} events recomputed`, value: `${computed.toFixed(1)} s` },
      { name: `explore over ${millions(events)} events, from raw events, p95`, value: ms(percentile(explored, 0.95)) },
    ];
    await app.close();
    return { figures, observations };
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const millions = (events: number): string => `${events / 1e6} million`;

async function computeAll(analytics: Analytics): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 400));
  while ((await analytics.rollups.advance()) > 0);
}

function boardQueries(start: number): BoardQuery[] {
  const [from, to] = [start, start + DAY].map((at) => new Date(at).toISOString());
  const series =
    'query ($input: MetricSeriesInput!) { metricSeries(input: $input) { ... on MetricSeries { route { source } series { dimensions { value } points { start value } } } ... on ValidationProblem { message } } }';
  const explore = series.replace('MetricSeriesInput', 'ExploreInput').replace('metricSeries', 'explore');
  const within = `_time >= fromUnixTimestamp64Milli(toInt64(${start}), 'UTC') AND _time < fromUnixTimestamp64Milli(toInt64(${start + DAY}), 'UTC')`;
  const byHour = (what: string, group = "''"): string =>
    `SELECT toStartOfHour(_time) AS at, ${group} AS name, ${what} AS value FROM raw_bet FINAL WHERE ${within} GROUP BY at, name`;
  const ranked = `SELECT at, name, value, dense_rank() OVER (ORDER BY total DESC, name) AS rank FROM (SELECT *, sum(value) OVER (PARTITION BY name) AS total FROM (${byHour('count()', 'country')}))`;
  return [
    {
      name: 'metricSeries: a sum by hour',
      query: series,
      input: { metric: 'stake', from, to, grain: 'HOUR' },
      sql: byHour('sum(amount)'),
    },
    {
      name: 'metricSeries: exact distinct users by hour',
      query: series,
      input: { metric: 'players', from, to, grain: 'HOUR' },
      sql: byHour('uniqExact(_user)'),
    },
    {
      name: 'metricSeries: a count by hour, top 10 of 40 and the rest',
      query: series,
      input: { metric: 'bets_by_country', from, to, grain: 'HOUR', dimensions: ['country'], limit: 10 },
      sql: `SELECT at, if(rank <= 10, name, '') AS name, sum(value) AS value FROM (${ranked}) GROUP BY at, name ORDER BY at`,
    },
    {
      name: 'explore: a sum by hour, from raw events',
      query: explore,
      input: { measure: { event: 'bet', agg: 'SUM', expr: 'amount' }, from, to, grain: 'HOUR' },
      sql: byHour('sum(amount)'),
    },
  ];
}

/** Asks by HTTP, with no answer in the cache: one whose windows are touched is void. */
async function ask({ query, input }: BoardQuery, url: string, analytics: Analytics): Promise<string> {
  for (const listener of analytics.processor.listeners)
    listener(
      'bet',
      Array.from({ length: 5_000 }, (_, index) => Math.floor(Date.now() / 60_000) - index),
    );
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  return answer.text();
}

async function compare(
  boardQuery: BoardQuery,
  url: string,
  analytics: Analytics,
  engine: Engine,
): Promise<{ figure: Figure; delays: number[]; cpu: Observation }> {
  const { name, sql } = boardQuery;
  const [asked, written]: [Spent[], Spent[]] = [[], []];
  let source = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const answered = await spent(() => ask(boardQuery, url, analytics));
    const selected = await spent(() => engine.select(sql));
    asked.push(answered);
    written.push(selected);
    source = /"source":"(\w+)"/.exec(answered.result)?.[1] ?? answered.result.slice(0, 200);
    if (pointsOf(answered.result) !== pointsOfRows(selected.result))
      throw new Error(`${name}: the answer is not what the SQL gives`);
  }
  const ratios = asked.map(({ wall }, index) => wall / (written[index]?.wall ?? wall));
  const walls = (list: readonly Spent[]): number[] => list.map(({ wall }) => wall);
  const cpu = (list: readonly Spent[]): string => ms(median(list.map((one) => one.cpu)));
  return {
    delays: walls(asked),
    figure: {
      name: `${name} (${source})`,
      measured: ms(median(walls(asked))),
      limit: `${ms(median(walls(written)))} by hand`,
      ratio: median(ratios),
      spread: spreadOf(ratios),
      bar: { atMost: 1.3 },
    },
    cpu: { name: `${name}: CPU time of service, engine and client`, value: `${cpu(asked)}, ${cpu(written)} by hand` },
  };
}

interface Spent {
  wall: number;
  /** Of the whole process: the engine and the service are in it. */
  cpu: number;
}

async function spent<T>(work: () => Promise<T>): Promise<Spent & { result: T }> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: performance.now() - begun, cpu: (user + system) / 1_000, result };
}

interface Answer {
  data: Record<
    string,
    { series: { dimensions: { value: string | null }[]; points: { start: string; value: number }[] }[] }
  >;
}

/** The points of an answer as one text, to be compared. */
function pointsOf(body: string): string {
  const { data }: Answer = JSON.parse(body);
  const points = Object.values(data).flatMap(({ series }) =>
    series.flatMap(({ dimensions: [cell], points: list }) =>
      list.map(({ start, value }) => `${start.slice(0, 19)} ${cell?.value ?? ''} ${value.toFixed(6)}`),
    ),
  );
  return points.sort().join('\n');
}

function pointsOfRows(rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows
    .map(({ at, name, value }) => `${String(at).replace(' ', 'T')} ${String(name)} ${Number(value).toFixed(6)}`)
    .sort()
    .join('\n');
}
