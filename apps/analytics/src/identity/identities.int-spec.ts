import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryEventLog } from '@paddock/eventlog';
import { buckets } from '@paddock/metrics';
import { fc } from '@paddock/testing';
import { collect } from '../collector/collect.js';
import { readSegmentBatch } from '../collector/segment.js';
import { EVENTS_TOPIC } from '../log/topic.js';
import { readFunnel } from '../queries/funnel.js';
import { readRetention } from '../queries/retention.js';
import { readSeries } from '../queries/series.js';
import { ensureRawTable } from '../store/raw-table.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { Identities } from './identities.js';
import { aliasGroups } from './alias-groups.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const now = START + 400 * DAY;

/** A call of Segment's API, at a day and a minute. */
type Call = {
  type: 'track' | 'identify' | 'alias' | 'page';
  event?: string;
  userId?: string;
  anonymousId?: string;
  previousId?: string;
  day: number;
  minute: number;
};

describe('identities', () => {
  let test: TestAnalytics;
  let sequence = 0;
  const METRICS = {
    visitors: { simple: { event: 'page', agg: 'count_distinct' as const, expr: '$user' } },
    by_field: { simple: { event: 'page', agg: 'count_distinct' as const, expr: 'user' } },
    views: { simple: { event: 'page', agg: 'count' as const } },
    views_by_person: {
      simple: { event: 'page', agg: 'count' as const, dimensions: [{ name: 'who', field: '$user' }] },
    },
    views_of_one: { simple: { event: 'page', agg: 'count' as const, filter: { eq: { field: 'user', value: 'p1' } } } },
    visitors_by_person: {
      simple: {
        event: 'page',
        agg: 'count_distinct' as const,
        expr: '$user',
        dimensions: [{ name: 'who', field: 'user' }],
      },
    },
    joined: {
      conversion: {
        base: { event: 'page' },
        conversion: { event: 'order' },
        calculation: 'conversions' as const,
        window: '1d',
      },
    },
    path: {
      funnel: {
        order: 'ordered' as const,
        window: '1d',
        steps: [
          { name: 'seen', event: 'page' },
          { name: 'bought', event: 'order' },
        ],
      },
    },
    back: {
      retention: {
        start: { event: 'page' },
        return: { event: 'order' },
        mode: 'bounded' as const,
        period: 'day' as const,
        periods: 1,
      },
    },
  };

  beforeAll(async () => {
    // Windows are computed once they were quiet for a while.
    let ticks = 0;
    test = await testAnalytics({ clock: () => now + 400 * (ticks += 1) });
    const lateness = { time: { allowedLateness: '1000d' } };
    await test.analytics.apply(
      definitions(
        [
          contract('page', { user: 'string' }, lateness),
          contract('order', { user: 'string', anonymousId: 'string' }, lateness),
        ],
        METRICS,
      ),
    );
  });
  afterAll(() => test.close());
  // The windows below ended long ago.
  beforeAll(() => send([view({ userId: 'last', day: 300 }), order({ userId: 'last', day: 300 })]));

  const at = ({ day, minute }: Pick<Call, 'day' | 'minute'>): string =>
    new Date(START + day * DAY + minute * 60_000).toISOString();
  /** Ingests calls as one request, and stores the records that the log delivers, `times` times. */
  async function send(calls: readonly Call[], { times = 1 } = {}) {
    const batch = calls.map(({ day, minute, ...call }) => ({
      ...call,
      messageId: `m${(sequence += 1)}`,
      timestamp: at({ day, minute }),
    }));
    const { events } = readSegmentBatch({ batch }, test.analytics.collector.contracts, 1_000);
    const { records, rejected, accepted } = collect(test.analytics.collector.contracts, events, {
      receivedAt: now,
      producer: 'web',
      bot: false,
    });
    const log = memoryEventLog();
    await log.append(EVENTS_TOPIC, records);
    const delivered = await Promise.all(
      Array.from({ length: EVENTS_TOPIC.partitions }, (_, partition) =>
        log.read(EVENTS_TOPIC, partition, { limit: 100 }),
      ),
    );
    for (let time = 0; time < times; time += 1) await test.analytics.processor.handle(delivered.flat());
    await log.close();
    return { accepted, rejected };
  }
  async function day(metric: string, index: number) {
    const [interval] = buckets(START + index * DAY, START + (index + 1) * DAY, 'day', 'UTC');
    if (!interval) throw new Error('a day is a bucket');
    const answer = await readSeries(test.analytics.context, { metric, intervals: [interval], timeZone: 'UTC' });
    return { value: Number(answer.rows[0]?.values[0] ?? 0), finality: answer.finality[0], source: answer.source };
  }
  const view = (more: Partial<Call>): Call => ({ type: 'page', day: 0, minute: 1, ...more });
  const order = (more: Partial<Call>): Call => ({ type: 'track', event: 'order', day: 0, minute: 2, ...more });
  const identify = (anonymousId: string, userId: string, more: Partial<Call> = {}): Call => ({
    type: 'identify',
    anonymousId,
    userId,
    day: 0,
    minute: 3,
    ...more,
  });
  const alias = (previousId: string, userId: string, more: Partial<Call> = {}): Call => ({
    type: 'alias',
    previousId,
    userId,
    day: 0,
    minute: 4,
    ...more,
  });

  it('count a visitor before and after sign-in as one, in every type of metric, without a contract for identify', async () => {
    const answer = await send([
      view({ anonymousId: 'a1' }),
      view({ userId: 'u1', minute: 5 }),
      order({ userId: 'u1', minute: 6 }),
      identify('a1', 'u1', { minute: 4 }),
    ]);
    expect(answer).toEqual({ accepted: 4, rejected: [] });
    expect((await day('visitors', 0)).value).toBe(1);
    expect((await day('by_field', 0)).value).toBe(1);
    expect((await day('joined', 0)).value).toBe(1);
    const funnel = await readFunnel(test.analytics.context, {
      metric: 'path',
      range: { start: START, end: START + DAY },
      timeZone: 'UTC',
    });
    expect(funnel.groups[0]?.steps.map(({ count }) => count)).toEqual([1, 1]);
    const [cohort] = await readRetention(test.analytics.context, {
      metric: 'back',
      range: { start: START, end: START + DAY },
      timeZone: 'UTC',
    });
    expect(cohort).toMatchObject({ size: 1, returned: [1, 0] });
  });

  it('change what was final when a link comes later, visibly, and only where persons are counted', async () => {
    await send([view({ anonymousId: 'a2', day: 301 }), view({ userId: 'u2', day: 301 })]);
    await send([view({ userId: 'later', day: 303 })]);
    await test.settle();
    expect(await day('visitors', 301)).toEqual({ value: 2, finality: 'CLOSED', source: 'rollup' });
    await send([identify('a2', 'u2', { day: 304 })]);
    expect(await day('visitors', 301)).toEqual({
      value: 1,
      finality: 'REVISED',
      source: expect.stringMatching(/raw|mixed/),
    });
    await test.settle();
    expect(await day('visitors', 301)).toEqual({ value: 1, finality: 'REVISED', source: 'rollup' });
    expect(await day('by_field', 301)).toMatchObject({ value: 1, finality: 'REVISED' });
    expect(await day('views', 301)).toEqual({ value: 2, finality: 'CLOSED', source: 'rollup' });
    // The same link again changes nothing.
    const touched = async () =>
      (
        await test.analytics.store.engine.select("SELECT max(batch) AS b FROM touched WHERE event = 'page@persons'")
      )[0]?.['b'];
    const last = await touched();
    await send([identify('a2', 'u2', { day: 304 }), identify('a2', 'u2', { day: 305 })], { times: 2 });
    expect(await touched()).toBe(last);
  });

  it('leave no row behind in rollups by person, where what was counted moves to another row or out of all', async () => {
    const METRICS_BY_PERSON = ['views_by_person', 'views_of_one', 'visitors_by_person'];
    const values = async () => {
      const found: number[] = [];
      for (const metric of METRICS_BY_PERSON) found.push((await day(metric, 310)).value);
      return found;
    };
    await send([
      view({ anonymousId: 'p1', day: 310 }),
      view({ anonymousId: 'p1', day: 310 }),
      view({ userId: 'p2', day: 310 }),
    ]);
    await send([view({ userId: 'later', day: 312 })]);
    await test.settle();
    expect(await values()).toEqual([3, 2, 2]);
    await send([identify('p1', 'p2', { day: 313 })]);
    expect(await values()).toEqual([3, 0, 1]);
    await test.settle();
    expect(await values()).toEqual([3, 0, 1]);
    for (const metric of METRICS_BY_PERSON) expect((await day(metric, 310)).source).toBe('rollup');
  });

  it('follow aliases through chains and circles', async () => {
    await send(['c1', 'c2', 'c3', 'c4'].map((userId) => view({ userId, day: 4 })));
    expect((await day('visitors', 4)).value).toBe(4);
    await send([alias('c1', 'c2'), alias('c2', 'c3')]);
    expect((await day('visitors', 4)).value).toBe(2);
    await send([alias('c3', 'c1'), alias('c3', 'c4')]);
    expect((await day('visitors', 4)).value).toBe(1);
  });

  it('leave events of users with their users on a shared device; its anonymous events belong to the user of the earliest link', async () => {
    await send([
      view({ anonymousId: 'd', userId: 'late', day: 6, minute: 20 }),
      view({ anonymousId: 'd', userId: 'early', day: 6, minute: 10 }),
      view({ anonymousId: 'd', day: 6, minute: 30 }),
    ]);
    const persons = async () =>
      (
        await test.analytics.store.engine.select(
          `SELECT DISTINCT _person FROM raw_page FINAL WHERE _time >= fromUnixTimestamp64Milli(toInt64(${START + 6 * DAY}), 'UTC') AND _time < fromUnixTimestamp64Milli(toInt64(${START + 7 * DAY}), 'UTC') ORDER BY _person`,
        )
      ).map((row) => row['_person']);
    expect(await persons()).toEqual(['early', 'late']);
    expect((await day('visitors', 6)).value).toBe(2);
  });

  it('treat empty ids as missing', async () => {
    const answer = await send([
      view({ userId: '', anonymousId: 'e1', day: 8 }),
      view({ userId: 'e2', anonymousId: '', day: 8 }),
      identify('', 'e2'),
      alias('', 'e2'),
      { ...identify('e3', ''), type: 'identify' },
      alias('e1', ''),
    ]);
    expect(answer.rejected).toEqual([
      { index: 3, code: 'ID_MISSING', field: 'previousId', message: 'is needed by alias' },
      { index: 5, code: 'ID_MISSING', field: 'userId', message: 'is needed by alias' },
    ]);
    expect((await day('visitors', 8)).value).toBe(2);
  });

  it('find what a crash left half done when the batch comes again', async () => {
    const { engine } = test.analytics.store;
    await send([view({ anonymousId: 'k1', day: 10 }), view({ userId: 'k2', day: 10 })]);
    const link = { from: 'k1', user: 'k2', alias: false, at: START };
    const died = (await Identities.open(engine)).learn([link], () => Promise.reject(new Error('killed')));
    await expect(died).rejects.toThrow('killed');
    expect((await day('visitors', 10)).value).toBe(2);
    const marked: string[] = [];
    const again = await Identities.open(engine);
    await again.learn([link], (ids) => Promise.resolve(void marked.push(...ids)));
    expect(marked).toEqual(['k1']);
    expect((await test.analytics.store.engine.select("SELECT joinGet('persons', 'person', 'k1') AS p"))[0]).toEqual({
      p: 'k2',
    });
  });

  it('are joined in tables that were made before there were any', async () => {
    const { engine } = test.analytics.store;
    await engine.run(
      "CREATE TABLE raw_old (_id String, _time DateTime64(3, 'UTC'), _received DateTime64(3, 'UTC'), _user String, _session String, _producer LowCardinality(String), _contract LowCardinality(String), _bot Bool, _skew Int32, _extra String," +
        " _rank Int64 MATERIALIZED -toUnixTimestamp64Milli(_received), _minute DateTime('UTC') MATERIALIZED toStartOfMinute(_time), user Nullable(String) ALIAS nullIf(_user, ''), id Nullable(String) ALIAS nullIf(_id, ''), at DateTime64(3, 'UTC') ALIAS _time - toIntervalSecond(_skew))" +
        ' ENGINE = ReplacingMergeTree(_rank) PARTITION BY toYYYYMM(_time) ORDER BY (toStartOfMinute(_time), cityHash64(_id), _id)',
    );
    await engine.run(
      "INSERT INTO raw_old (_id, _time, _received, _user) SELECT toString(number), now64(3), now64(3), ['o1', 'o2', ''][number + 1] FROM numbers(3)",
    );
    await ensureRawTable(engine, contract('old', { user: 'string' }));
    await (
      await Identities.open(engine)
    ).learn([{ from: 'o1', user: 'o2', alias: false, at: START }], () => Promise.resolve());
    expect(await engine.select('SELECT _person, user FROM raw_old FINAL ORDER BY _id')).toEqual([
      { _person: 'o2', user: 'o2' },
      { _person: 'o2', user: 'o2' },
      { _person: '', user: null },
    ]);
  });

  it('are the same after a restart', async () => {
    const before = await day('visitors', 4);
    await Identities.open(test.analytics.store.engine);
    expect(await day('visitors', 4)).toEqual(before);
  });

  it('give the same numbers in whatever order events and links come, and however often', async () => {
    const user = fc.constantFrom('u', 'v', 'w', 'x');
    const visitor = fc.constantFrom('p', 'q', 'r', 'u');
    const call = fc.oneof(
      fc.record({ type: fc.constant('page' as const), anonymousId: visitor }),
      fc.record({ type: fc.constant('page' as const), userId: user }),
      fc.record({ type: fc.constant('page' as const), userId: user, anonymousId: visitor }),
      fc.record({ type: fc.constant('identify' as const), userId: user, anonymousId: visitor }),
      fc.record({ type: fc.constant('alias' as const), userId: user, previousId: fc.oneof(user, visitor) }),
    );
    const calls = fc.array(fc.record({ call, minute: fc.integer({ min: 0, max: 30 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    let run = 20;
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (drawn, order, size, settled) => {
          run += 1;
          const own = (id: string): string => `${id}-${run}`;
          const sent = drawn.map(({ call: one, minute }): Call => ({
            ...one,
            minute,
            day: run,
            ...Object.fromEntries(
              Object.entries(one)
                .filter(([name]) => name !== 'type')
                .map(([name, id]) => [name, own(String(id))]),
            ),
          }));
          const shuffled = sent
            .map((one, index) => [order[index] ?? 0, one] as const)
            .sort(([a], [b]) => a - b)
            .map(([, one]) => one);
          for (let start = 0; start < shuffled.length; start += size) {
            await send(shuffled.slice(start, start + size), { times: 1 + (start % 2) });
            if (settled) await test.analytics.rollups.advance();
          }
          expect((await day('visitors', run)).value).toBe(distinctPersons(sent));
        },
      ),
      { numRuns: 40 },
    );
  });

  /** The rule of ADR 0047 by naive loops. */
  function distinctPersons(calls: readonly Call[]): number {
    const links = calls.flatMap(({ type, userId, anonymousId, previousId, minute }) => [
      ...(userId !== undefined && anonymousId !== undefined && userId !== anonymousId
        ? [{ from: anonymousId, user: userId, alias: false, minute }]
        : []),
      ...(type === 'alias' && userId !== undefined && previousId !== undefined && userId !== previousId
        ? [{ from: previousId, user: userId, alias: true, minute }]
        : []),
    ]);
    const users = new Set(links.map(({ user }) => user));
    const groups = aliasGroups(
      links
        .filter(({ from, alias: isAlias }) => isAlias && users.has(from))
        .map(({ from, user }) => [from, user] as const),
    );
    const person = (id: string): string => {
      const [first] = links
        .filter(({ from }) => from === id && !users.has(id))
        .sort((a, b) => a.minute - b.minute || (a.user < b.user ? -1 : 1));
      const owner = first?.user ?? id;
      return groups.get(owner) ?? owner;
    };
    return new Set(
      calls.flatMap(({ type, userId, anonymousId }) => (type === 'page' ? [person(userId ?? anonymousId ?? '')] : [])),
    ).size;
  }
});
