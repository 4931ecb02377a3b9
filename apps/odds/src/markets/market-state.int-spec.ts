import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MarketChange,
  type MarketUpdate,
  ODDS_REQUESTS,
  oddsBooksKey,
  type OddsUpdate,
  type SettlementChange,
} from '@paddock/contracts';
import { until } from '@paddock/testing';
import { compactPrices } from '../storage/compact-prices.js';
import { marketStateRig, type MarketStateRig } from '../testing/market-state-rig.js';
import { Shard } from './shard.js';

const EVENTS = Array.from({ length: 12 }, (_, number) => `f:e${number}`);

const market = (event: string, p: number, more: Partial<MarketChange> = {}): MarketChange => {
  const at = Date.now();
  return {
    type: 'market',
    source: { feed: 'f', pt: at },
    at,
    market: `${event}/1`,
    event,
    status: 'OPEN',
    runners: [{ id: 1, p }],
    ...more,
  };
};

const isMarket = (update: OddsUpdate): update is MarketUpdate => update.type === 'market';

/** Per partition and epoch: seq without gap or repetition; per market: v likewise. */
function expectGapFree(updates: readonly OddsUpdate[]): void {
  const versions = new Map<string, number>();
  const seqs = new Map<string, number>();
  for (const update of updates) {
    const before = seqs.get(update.epoch) ?? 0;
    expect(update.seq).toBe(before + 1);
    seqs.set(update.epoch, update.seq);
    if (!isMarket(update)) continue;
    const v = versions.get(update.id);
    if (v !== undefined) expect(update.v).toBe(v + 1);
    versions.set(update.id, update.v);
  }
}

describe('the market state', () => {
  let rig: MarketStateRig;

  beforeEach(async () => {
    rig = await marketStateRig();
  });
  afterEach(() => rig.dispose());

  const written = (count: number) =>
    until(async () => (await rig.updates()).filter(isMarket).length >= count, { what: `${count} updates` });

  test('goes from changes to the log, MySQL and the cache', async () => {
    const state = rig.start();
    await rig.append(...EVENTS.map((event) => market(event, 2_000)));
    await rig.append(...EVENTS.map((event) => market(event, 2_100)));
    await written(24);
    expectGapFree(await rig.updates());
    const book = await until(async () => (await rig.book('f:e3/1'))?.v === 2 && rig.book('f:e3/1'));
    expect(book).toMatchObject({ st: 'OPEN', runners: { 1: { p: 2_100 } } });
    const cached = await until(async () => {
      const hashes = await Promise.all(
        [0, 1, 2, 3].map((partition) => rig.redis.hgetall(oddsBooksKey(rig.prefix, partition))),
      );
      const books = Object.assign({}, ...hashes);
      return (
        books['f:e3/1'] === JSON.stringify(book) &&
        hashes.filter((hash) => hash['']).map((hash) => JSON.parse(hash[''] ?? ''))
      );
    });
    for (const snapshot of cached)
      expect(snapshot).toEqual({
        epoch: expect.any(String),
        seq: expect.any(Number),
        position: expect.any(String),
        down: [],
      });
    expect(state.trouble).toEqual([]);
  });

  test('continues after a stop, with the same history and no decision twice', async () => {
    const first = rig.start();
    await rig.append(...EVENTS.map((event) => market(event, 2_000)));
    await written(12);
    await first.stop();
    await rig.append(...EVENTS.map((event) => market(event, 2_500)));
    rig.start();
    await written(24);
    const updates = await rig.updates();
    expectGapFree(updates);
    expect(updates.filter(isMarket)).toHaveLength(24);
  });

  test('is rebuilt from the log alone when MySQL had nothing of it', async () => {
    const first = rig.start();
    await rig.append(...EVENTS.map((event) => market(event, 2_000)));
    await written(12);
    await first.stop();
    for (const table of ['odds_shard', 'odds_market']) await rig.source.query(`DELETE FROM \`${table}\``);
    await rig.append(...EVENTS.map((event) => market(event, 2_500)));
    const second = rig.start();
    await written(24);
    expectGapFree(await rig.updates());
    expect(second.shards.reduce((sum, { books }) => sum + books, 0)).toBe(12);
  });

  test('begins a new history with images when the log was lost', async () => {
    rig.start();
    await rig.append(...EVENTS.map((event) => market(event, 2_000)));
    await written(12);
    await until(async () => (await rig.book('f:e11/1')) !== undefined && (await rig.book('f:e0/1')) !== undefined);
    const [before] = await rig.updates();
    for await (const keys of rig.redis.scanStream({ match: `${rig.prefix}*` }))
      if (keys.length > 0) await rig.redis.unlink(keys);
    await written(12);
    await rig.append(market('f:e5', 2_700));
    const updates = await until(async () => {
      const all = (await rig.updates()).filter(isMarket);
      return all.length === 13 && all;
    });
    expectGapFree(updates);
    expect(updates.every(({ epoch }) => epoch !== before?.epoch)).toBe(true);
    expect(updates.filter(({ img }) => img)).toHaveLength(12);
    expect(Math.min(...updates.map(({ v }) => v))).toBe(2);
  });

  test('suspends a silent feed within its limit and a second, asks it to recover, and not another feed', async () => {
    rig.start({ limits: { silenceMs: 3_000, lagMs: 60_000 } });
    await rig.append(market('f:e1', 2_000), market('g:e1', 2_000, { source: { feed: 'g', pt: 1 } }));
    await written(2);
    const begun = Date.now();
    // What this process and Redis were kept from meanwhile is the machine's, not the service's.
    let heldUpMs = 0;
    let due = begun + 200;
    const alive = setInterval(() => {
      const at = Date.now();
      heldUpMs += Math.max(0, at - due);
      due = at + 200;
      void rig
        .append({ type: 'feed_alive', source: { feed: 'g', pt: at }, at })
        .then(() => (heldUpMs += Date.now() - at));
    }, 200);
    const down = await until(async () =>
      (await rig.updates()).find((update) => isMarket(update) && update.sr === 'FEED'),
    );
    expect(down.at - begun).toBeLessThan(4_000 + heldUpMs);
    expect(down).toMatchObject({ id: 'f:e1/1', st: 'SUSPENDED' });
    const requests = await until(async () => {
      const all = await rig.log.read(ODDS_REQUESTS, 0, { limit: 10 });
      return all.length > 0 && all;
    });
    expect(requests.map(({ value }) => JSON.parse(value.toString()))).toMatchObject([{ type: 'recover', feed: 'f' }]);
    await rig.append(market('f:e1', 2_000), { type: 'feed_up', source: { feed: 'f', pt: Date.now() }, at: Date.now() });
    const reopened = await until(async () =>
      (await rig.updates()).findLast(
        (update) => isMarket(update) && update.st === 'OPEN' && update.id === 'f:e1/1' && update.seq > down.seq,
      ),
    );
    expect(reopened).toMatchObject({ img: true, sr: null, r: [{ id: 1, p: 2_000 }] });
    clearInterval(alive);
    expect((await rig.updates()).filter((update) => update.feed === 'g' && isMarket(update))).toHaveLength(1);
  });

  test('does not believe what it reads too late', async () => {
    rig.start({ limits: { silenceMs: 60_000, lagMs: 1_000 } });
    const old = Date.now() - 5_000;
    await rig.append(market('f:e1', 2_000), market('f:e1', 2_200, { at: old, source: { feed: 'f', pt: old } }));
    const updates = await until(async () => {
      const all = await rig.updates();
      return all.filter(isMarket).length >= 3 && all;
    });
    expect(updates.find(({ type }) => type === 'feed')).toMatchObject({ up: false, reason: 'LAG' });
    const shard = new Shard('');
    for (const update of updates) shard.apply(update);
    expect(shard.books.get('f:e1/1')).toMatchObject({ st: 'SUSPENDED', sr: 'FEED', hold: 'STALE' });
  });

  test('keeps settlements with their revisions, and the results of the newest', async () => {
    rig.start();
    const settle = (pt: number, state: SettlementChange['state'], result: 'WON' | 'LOST'): SettlementChange => ({
      type: 'settlement',
      source: { feed: 'f', pt },
      at: Date.now(),
      market: 'f:e1/1',
      event: 'f:e1',
      state,
      ...(state === 'SETTLED' ? { certainty: 'CONFIRMED', results: [{ id: 1, result, deadHeatFactor: 0.5 }] } : {}),
    });
    await rig.append(
      market('f:e1', 2_000),
      settle(1, 'SETTLED', 'WON'),
      settle(2, 'ROLLED_BACK', 'WON'),
      settle(3, 'SETTLED', 'LOST'),
    );
    await rig.append(settle(1, 'SETTLED', 'WON'), settle(2, 'ROLLED_BACK', 'WON'), settle(3, 'SETTLED', 'LOST'));
    const results = await until(async () => {
      const rows = await rig.source.query('SELECT * FROM `odds_result`');
      return rows[0]?.revision === 3 && rows;
    });
    expect(results).toMatchObject([{ market: 'f:e1/1', runner: '1', result: 'LOST', dead_heat_factor: 0.5 }]);
    const revisions = await rig.source.query('SELECT `revision`, `state` FROM `odds_settlement` ORDER BY `revision`');
    expect(revisions).toEqual([
      { revision: 1, state: 'SETTLED' },
      { revision: 2, state: 'ROLLED_BACK' },
      { revision: 3, state: 'SETTLED' },
    ]);
  });

  test('keeps the history of prices by the minute, later by the hour', async () => {
    rig.start();
    for (const p of [2_000, 2_500, 1_500, 1_800]) await rig.append(market('f:e1', p));
    await until(async () => (await rig.source.query('SELECT `close` FROM `odds_price`')).at(-1)?.close === 1_800);
    expect(await compactPrices(rig.source, Date.now() + 48 * 3_600_000)).toBeGreaterThan(0);
    const rows = await rig.source.query(
      'SELECT `seconds`, `open`, `high`, `low`, `close` FROM `odds_price` ORDER BY `begin`',
    );
    expect(rows[0]).toMatchObject({ seconds: 3_600, open: 2_000 });
    expect(rows.at(-1)).toMatchObject({ seconds: 3_600, close: 1_800 });
    expect([
      Math.max(...rows.map(({ high }: { high: number }) => high)),
      Math.min(...rows.map(({ low }: { low: number }) => low)),
    ]).toEqual([2_500, 1_500]);
  });
});

test('the migrations make exactly what the entities say', async () => {
  const rig = await marketStateRig();
  const { createOddsDataSource } = await import('../storage/data-source.js');
  const url = new URL('mysql://localhost');
  url.href = String('url' in rig.source.options ? rig.source.options.url : '');
  const source = createOddsDataSource(url, 1, 'mariadb');
  await source.initialize();
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  await source.destroy();
  await rig.dispose();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});
