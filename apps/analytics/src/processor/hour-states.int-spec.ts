import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buckets, type Grain, type MetricBody } from '@paddock/metrics';
import { seededRandom } from '@paddock/testing';
import { readSeries } from '../queries/series.js';
import { planRollup } from '../queries/simple-reader.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { Rollup } from './rollup.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 5, 10);
const bet = contract(
  'bet',
  { user: 'string', sport: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '9999d' } },
);
const metrics: Record<string, Omit<MetricBody, 'title'>> = {
  players: { simple: { event: 'bet', agg: 'count_distinct', expr: '$user' } },
  by_sport: { simple: { event: 'bet', agg: 'count_distinct', expr: '$user', dimensions: [{ name: 'sport' }] } },
  bets: { simple: { event: 'bet', agg: 'count' } },
};

let now = START;
let test: TestAnalytics;
beforeEach(async () => {
  now = START;
  test = await testAnalytics({ clock: () => now });
  await test.analytics.apply(definitions([bet], metrics));
  await test.analytics.processor.start();
});
afterEach(() => test.close());

let ids = 0;
const event = (at: number, user: string, sport = 'golf') => ({
  event: 'bet',
  id: `e${(ids += 1)}`,
  at: new Date(at).toISOString(),
  user,
  sport,
});

async function send(...events: object[]): Promise<void> {
  const before = test.handled();
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(before + events.length);
}

/** Advances the clock until everything closed is computed. */
async function settle(): Promise<void> {
  now += 10_000;
  while ((await test.analytics.rollups.advance()) > 0);
}

function rollupOf(metric: string): Rollup {
  const found = test.analytics.rollups.find(test.analytics.metrics.current(metric)?.rollup ?? '');
  if (!found) throw new Error(`${metric} has no rollup`);
  return found;
}

async function series(
  metric: string,
  grain: Grain = 'hour',
  { from = START, to = START + 4 * HOUR, timeZone = 'UTC', dimensions = [] as string[] } = {},
) {
  const { rows } = await readSeries(test.analytics.context, {
    metric,
    intervals: buckets(from, to, grain, timeZone),
    timeZone,
    dimensions,
  });
  return Object.fromEntries(
    rows.map(({ cells, values }) => [cells.join(), values.map((value) => value?.toNumber() ?? null)]),
  );
}

/** Which tables a query by the hour is read from. */
function tables(metric: string, hours: number): string[] {
  const rollup = rollupOf(metric);
  const plan = planRollup(rollup.compiled, rollup, {
    intervals: buckets(START, START + hours * HOUR, 'hour', 'UTC'),
    dimensions: [],
  });
  return [...(plan?.sql ?? '').matchAll(/FROM (\w+) FINAL/g)].map(([, table = '']) =>
    table.replace(rollup.name, 'rollup'),
  );
}

describe('hours of a distinct count', () => {
  it('are kept beside its minutes, and read where nothing cuts them', async () => {
    now = START + 2.5 * HOUR;
    await send(
      event(START, 'a'),
      event(START + MINUTE, 'a'),
      event(START + 59 * MINUTE, 'b'),
      event(START + HOUR, 'a'),
      event(START + 2 * HOUR, 'c'),
      event(now, 'd'),
    );
    expect(tables('players', 2)).toEqual(['rollup', 'raw_bet']);
    await settle();
    expect(tables('players', 2)).toEqual(['rollup_hours']);
    expect(tables('players', 3)).toEqual(['rollup_hours', 'rollup', 'raw_bet']);
    expect(await series('players')).toEqual({ '': [2, 1, 2, 0] });
    expect(await series('players', 'day')).toEqual({ '': [4] });
    expect(rollupOf('bets').hours).toBeUndefined();
  });

  it('go back to minutes when a late event comes, and are merged again once it is quiet', async () => {
    now = START + 2 * HOUR;
    await send(event(START, 'a'), event(now - 1, 'z'));
    await settle();
    await send(event(START + 5 * MINUTE, 'late'));
    expect(tables('players', 1)).toEqual(['rollup', 'raw_bet']);
    expect(await series('players', 'hour', { to: START + HOUR })).toEqual({ '': [2] });
    now += 1_000;
    while ((await test.analytics.rollups.advance()) > 0);
    expect(tables('players', 1)).toEqual(['rollup']);
    expect(await series('players', 'hour', { to: START + HOUR })).toEqual({ '': [2] });
    await settle();
    expect(tables('players', 1)).toEqual(['rollup_hours']);
    expect(await series('players', 'hour', { to: START + HOUR })).toEqual({ '': [2] });
  });

  it('are known again after a restart, but for those that got events since', async () => {
    now = START + 2.5 * HOUR;
    await send(event(START, 'a'), event(START + HOUR, 'b'), event(now, 'z'));
    await settle();
    const { name, compiled } = rollupOf('players');
    const again = async () =>
      [...((await Rollup.open(test.analytics.store, name, compiled)).hours?.pendingHours ?? [])].sort();
    expect(await again()).toEqual([START / HOUR + 2]);
    await test.analytics.store.touch([{ event: 'bet', minute: START / MINUTE + 7 }], 1_000);
    expect(await again()).toEqual([START / HOUR, START / HOUR + 2]);
  });

  it('give what the events give, for any grain and zone, through duplicates and late events', async () => {
    const random = seededRandom();
    const sent: ReturnType<typeof event>[] = [];
    const distinct = (start: number, end: number, sport?: string) =>
      new Set(
        sent
          .filter(
            ({ at, sport: own }) =>
              Date.parse(at) >= start && Date.parse(at) < end && (sport === undefined || own === sport),
          )
          .map(({ user }) => user),
      ).size;
    const expected = (grain: Grain, timeZone: string, sport?: string) =>
      buckets(START, START + 4 * HOUR, grain, timeZone).map(({ start, end }) => distinct(start, end, sport));
    for (let round = 0; round < 10; round += 1) {
      now = Math.max(now, START + (round + 1) * 24 * MINUTE);
      const fresh = Array.from({ length: random.integer(5, 60) }, () => {
        const at =
          random.next() < 0.7
            ? START + round * 24 * MINUTE + random.integer(0, 24 * MINUTE - 1)
            : START + random.integer(0, (round + 1) * 24 * MINUTE - 1);
        return event(at, `u${random.integer(0, 30)}`, `s${random.integer(0, 2)}`);
      });
      const again = sent.filter(() => random.next() < 0.1);
      sent.push(...fresh);
      await send(...fresh, ...again);
      if (random.next() < 0.6) await settle();
      for (const [grain, zone] of [
        ['hour', 'UTC'],
        ['day', 'UTC'],
        ['hour', 'Asia/Kolkata'],
        ['minute', 'UTC'],
      ] as const) {
        expect({
          seed: random.seed,
          round,
          grain,
          zone,
          values: await series('players', grain, { timeZone: zone }),
        }).toEqual({ seed: random.seed, round, grain, zone, values: { '': expected(grain, zone) } });
      }
      const bySport = await series('by_sport', 'hour', { dimensions: ['sport'] });
      for (const [cell, values] of Object.entries(bySport))
        expect({ seed: random.seed, round, cell, values }).toEqual({
          seed: random.seed,
          round,
          cell,
          values: expected('hour', 'UTC', cell.slice(1)),
        });
      expect(await series('by_sport')).toEqual({ '': expected('hour', 'UTC') });
    }
    now = START + 6 * HOUR;
    await settle();
    expect(tables('by_sport', 4)).toEqual(['rollup_hours']);
    expect(await series('by_sport', 'hour', { dimensions: ['sport'] })).toEqual(
      Object.fromEntries(['s0', 's1', 's2'].map((name) => [`v${name}`, expected('hour', 'UTC', name)])),
    );
  }, 120_000);
});
