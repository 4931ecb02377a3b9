import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buckets, type Filter, type MetricBody } from '@paddock/metrics';
import { seededRandom } from '@paddock/testing';
import { readSeries } from '../queries/series.js';
import { ensureRawTable } from '../store/raw-table.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

const START = Date.UTC(2026, 0, 5, 10);
const MINUTE = 60_000;
const bet = contract(
  'bet',
  { user: 'string', amount: 'number', sport: 'string' },
  { time: { outOfOrder: '1s', allowedLateness: '2h' } },
);
const sport = { name: 'sport', maxCardinality: 3 };
const stake = (filter?: Filter): Omit<MetricBody, 'title'> => ({
  simple: { event: 'bet', agg: 'sum', expr: 'amount', ...(filter ? { filter } : {}) },
});
const metrics: Record<string, Omit<MetricBody, 'title'>> = {
  bets: { simple: { event: 'bet', agg: 'count', dimensions: [sport] } },
  stake: stake(),
  players: { simple: { event: 'bet', agg: 'count_distinct', expr: '$user', dimensions: [sport] } },
  per_player: { ratio: { numerator: { metric: 'stake' }, denominator: { metric: 'players' } } },
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
const event = (minute: number, more: object = {}) => ({
  event: 'bet',
  id: `e${(ids += 1)}`,
  at: new Date(START + minute * MINUTE).toISOString(),
  user: 'u1',
  amount: 10,
  sport: 'football',
  ...more,
});
const stored = () => test.handled();

async function send(...events: object[]): Promise<void> {
  const before = stored();
  expect((await test.send(events)).rejected).toEqual([]);
  await test.stored(before + events.length);
}

async function series(metric: string, minutes = 5, dimensions: string[] = []) {
  const intervals = buckets(START, START + minutes * MINUTE, 'minute', 'UTC');
  const answer = await readSeries(test.analytics.context, { metric, intervals, timeZone: 'UTC', dimensions });
  return { ...answer, values: (answer.rows[0]?.values ?? []).map((value) => value?.toNumber() ?? null) };
}

/** Lets time pass until rollups cover all closed windows. */
async function settleAt(minute: number): Promise<void> {
  now = START + minute * MINUTE;
  await test.analytics.rollups.advance();
  now += 10_000;
  await test.analytics.rollups.advance();
}

describe('an answer', () => {
  it('counts events at once, before any window is closed', async () => {
    now = START + MINUTE;
    await send(event(0), event(0.5, { amount: 2.5 }));
    expect(await series('stake', 1)).toMatchObject({ values: [12.5], source: 'raw' });
    expect((await series('stake')).values).toEqual([12.5, null, null, null, null]);
    expect((await series('bets')).values).toEqual([2, 0, 0, 0, 0]);
  });

  it('is the same from raw events, from rollups and from both', async () => {
    now = START + 4 * MINUTE;
    await send(event(0), event(1), event(1, { user: 'u2' }), event(2), event(3.9));
    const before = await Promise.all(Object.keys(metrics).map((metric) => series(metric, 4)));
    await settleAt(4);
    const after = await Promise.all(Object.keys(metrics).map((metric) => series(metric, 4)));
    expect(after.map(({ values }) => values)).toEqual(before.map(({ values }) => values));
    expect(before.map(({ source }) => source)).toEqual(['raw', 'raw', 'raw', 'raw']);
    expect(after.map(({ source }) => source)).toEqual(['mixed', 'mixed', 'mixed', 'mixed']);
    now = START + 10 * MINUTE;
    await settleAt(12);
    expect((await series('bets', 4)).source).toBe('rollup');
  });

  it('includes events stored before there was a minute column', async () => {
    now = START + 2 * MINUTE;
    await send(event(0), event(1.5));
    const { engine } = test.analytics.store;
    await engine.run('ALTER TABLE raw_bet DROP COLUMN _minute');
    await ensureRawTable(engine, bet);
    await send(event(1.7));
    expect((await series('stake', 2)).values).toEqual([10, 20]);
    await settleAt(4);
    expect(await series('stake', 1)).toMatchObject({ values: [10], source: 'rollup' });
    expect((await series('stake', 2)).values).toEqual([10, 20]);
  });

  it('counts an event once, however often and in whatever batch it comes', async () => {
    now = START + 2 * MINUTE;
    const [first, second] = [event(0), event(0)];
    await send(first, second);
    await send(first);
    await settleAt(3);
    await send(second, first);
    expect((await series('bets')).values[0]).toBe(2);
    await settleAt(5);
    expect((await series('bets')).values[0]).toBe(2);
    expect((await series('stake')).values[0]).toBe(20);
  });

  it('is revised by late events, and says so', async () => {
    now = START + 3 * MINUTE;
    await send(event(0), event(2.9));
    await settleAt(4);
    expect((await series('bets')).finality[0]).toBe('CLOSED');
    await send(event(0, { user: 'late' }));
    expect(await series('players')).toMatchObject({ values: [2, 0, 1, 0, 0] });
    expect((await series('bets')).finality[0]).toBe('REVISED');
    await settleAt(5);
    expect(await series('players')).toMatchObject({ values: [2, 0, 1, 0, 0] });
  });

  it('never changes once it is final: later events are quarantined', async () => {
    now = START + 3 * MINUTE;
    await send(event(0));
    now = START + 200 * MINUTE;
    await send(event(199));
    await settleAt(201);
    expect((await series('bets')).finality[0]).toBe('FINAL');
    await test.send([event(0, { amount: 999 })]);
    await send(event(200));
    expect((await series('stake')).values[0]).toBe(10);
    expect(test.analytics.processor.counts.tooLate).toBe(1);
    expect(
      await test.analytics.store.engine.select("SELECT code, original LIKE '%999%' AS kept FROM quarantine"),
    ).toEqual([{ code: 'TOO_LATE', kept: 1 }]);
  });

  it('keeps the most frequent values of a dimension apart and counts all others together, with their own distinct count', async () => {
    now = START + 2 * MINUTE;
    const crowd = Array.from({ length: 50 }, (_, index) =>
      event(0, { sport: `s${index}`, user: index % 2 === 0 ? 'even' : 'odd' }),
    );
    await send(...crowd, event(0), event(0), event(0, { sport: 's7' }), event(0, { sport: null }));
    await settleAt(4);
    const table = async (metric: string) =>
      Object.fromEntries(
        (await series(metric, 1, ['sport'])).rows.map(({ cells, values }) => [cells[0], values[0]?.toNumber()]),
      );
    expect(await table('bets')).toEqual({ vfootball: 2, vs7: 2, vs0: 1, '': 1, o: 48 });
    expect(await table('players')).toEqual({ vfootball: 1, vs7: 2, vs0: 1, '': 1, o: 2 });
    await send(event(1.5, { sport: 'another' }), event(1.5, { sport: 's7' }));
    await settleAt(6);
    expect(
      Object.fromEntries(
        (await series('bets', 2, ['sport'])).rows.map(({ cells, values }) => [cells[0], values[1]?.toNumber()]),
      ),
    ).toMatchObject({ vs7: 1, o: 1 });
  });

  it('divides sums, and is null where the divisor is 0', async () => {
    now = START + 2 * MINUTE;
    await send(event(0, { amount: 10 }), event(0, { amount: 20, user: 'u2' }));
    expect((await series('per_player', 2)).values).toEqual([15, null]);
  });
});

describe('the processor', () => {
  it('keeps going past a record that is no chunk of events, and past a row that the engine refuses', async () => {
    now = START + MINUTE;
    const { EVENTS_TOPIC } = await import('../log/topic.js');
    await test.log.append(EVENTS_TOPIC, [{ key: 'bet', value: 'no header' }]);
    const good = event(0);
    const header = {
      kind: 'events',
      event: 'bet',
      columns: ['_id', '_time', 'amount'],
      count: 3,
      minutes: [Math.floor(START / MINUTE)],
      newest: START,
      receivedAt: now,
      latenessMs: 7_200_000,
    };
    const rows = [`["p1",${START},1]`, `["p2",${START},"much"]`, `["p3",${START},3]`].join('\n');
    await test.log.append(EVENTS_TOPIC, [{ key: 'bet', value: `${JSON.stringify(header)}\n${rows}` }]);
    await test.stored(stored() + 2);
    await send(good);
    expect((await series('stake', 1)).values).toEqual([14]);
    expect(await test.analytics.store.engine.select('SELECT code, original FROM quarantine')).toEqual([
      { code: 'STORE_REFUSED', original: `{"_id":"p2","_time":${START},"amount":"much"}` },
    ]);
  });

  it('equals a batch recomputation for random histories of duplicates and late events', async () => {
    const random = seededRandom();
    const sent = new Map<string, { minute: number; user: string; amount: number }>();
    for (let round = 0; round < 12; round += 1) {
      now = START + (round + 1) * MINUTE;
      const fresh = Array.from({ length: random.integer(1, 40) }, () => {
        const minute = random.next() < 0.8 ? round : random.integer(0, round);
        return event(minute, { user: `u${random.integer(0, 9)}`, amount: random.integer(1, 1_000) / 100 });
      });
      for (const { id, at, user, amount } of fresh)
        sent.set(id, { minute: (Date.parse(at) - START) / MINUTE, user, amount });
      const again = [...sent.keys()]
        .filter(() => random.next() < 0.1)
        .map((id) => ({ ...event(0), id, ...history(sent, id) }));
      await send(...fresh, ...again);
      if (random.next() < 0.5) await test.analytics.rollups.advance();
      const expected = Array.from({ length: 12 }, (_, minute) =>
        [...sent.values()].filter((one) => one.minute === minute),
      );
      expect({ seed: random.seed, values: (await series('bets', 12)).values }).toEqual({
        seed: random.seed,
        values: expected.map((events) => events.length),
      });
      expect((await series('players', 12)).values).toEqual(
        expected.map((events) => new Set(events.map(({ user }) => user)).size),
      );
      expect((await series('stake', 12)).values).toEqual(
        expected.map((events) =>
          events.length === 0 ? null : Math.round(events.reduce((sum, { amount }) => sum + amount * 100, 0)) / 100,
        ),
      );
    }
  });

  function history(sent: ReadonlyMap<string, { minute: number; user: string; amount: number }>, id: string) {
    const { minute = 0, user, amount } = sent.get(id) ?? {};
    return { at: new Date(START + minute * MINUTE).toISOString(), user, amount };
  }
});

describe('a changed definition', () => {
  it('is computed in the background, switched in one step, and rolled back at once', async () => {
    now = START + 3 * MINUTE;
    await send(event(0, { amount: 1 }), event(0, { amount: 10 }), event(2.9));
    await settleAt(4);
    const before = test.analytics.metrics.current('stake')?.rollup;
    await test.analytics.apply(definitions([bet], { ...metrics, stake: stake({ gt: { field: 'amount', value: 5 } }) }));
    expect(test.analytics.metrics.catchingUp).toEqual(['stake']);
    expect((await series('stake', 1)).values).toEqual([11]);
    await settleAt(5);
    expect(await test.analytics.metrics.switchReady()).toEqual(['stake']);
    expect(await series('stake', 1)).toMatchObject({ values: [10], source: 'rollup' });
    await send(event(0, { amount: 2 }));
    await settleAt(6);
    await test.analytics.apply(definitions([bet], metrics));
    expect(test.analytics.metrics.current('stake')?.rollup).toBe(before);
    expect(await series('stake', 1)).toMatchObject({ values: [13], source: 'rollup' });
  });
});
