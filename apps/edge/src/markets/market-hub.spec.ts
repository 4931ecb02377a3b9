import { describe, expect, test } from 'vitest';
import { ALL_SITES, type MarketMatch, type RuleEffect, type Schedule } from '@paddock/contracts';
import { compileRule } from '@paddock/visibility';
import { MarketRig, ruleSet, TestReader } from '../../test/market-rig.js';
import { MarketFilter } from './market-filter.js';
import { NO_RULES } from './market-policy.js';

const rule = (match: MarketMatch, effect: RuleEffect, schedule?: Schedule) =>
  compileRule(`market-rule/${ALL_SITES}/${effect}`, ALL_SITES, {
    match,
    effect,
    reason: 'test',
    ...(schedule ? { schedule } : {}),
  });

/** The entries of one market that a reader was sent after its first frame. */
function entriesOf(reader: TestReader, id: string) {
  return reader.frames.slice(1).flatMap(({ m }) => m?.filter((entry) => entry.id === id) ?? []);
}

describe('a window', () => {
  test('ends at multiples of its length, with the last value of each runner, and says that it gathered', () => {
    const rig = new MarketRig(Date.parse('2026-06-01T12:00:00.040Z'));
    rig.open('sim:1');
    const reader = rig.subscribe({ conflateMs: 500 });
    rig.price('sim:1', 2_100);
    rig.price('sim:1', 2_200);
    rig.clock.advanceTo(Date.parse('2026-06-01T12:00:00.499Z'));
    expect(entriesOf(reader, 'sim:1')).toEqual([]);
    rig.clock.advanceTo(Date.parse('2026-06-01T12:00:00.500Z'));
    expect(entriesOf(reader, 'sim:1')).toEqual([{ id: 'sim:1', v: 3, r: [{ id: 1, p: 2_200 }] }]);
    expect(reader.frames.at(-1)).toMatchObject({ op: 'mc', con: true, pt: Date.parse('2026-06-01T12:00:00.500Z') });
  });

  test('of length 0 tells every update, those of one batch in one frame', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const reader = rig.subscribe();
    for (const p of [2_100, 2_200, 2_300])
      rig.update({ id: 'sim:1', event: 'sim:e1', r: [{ id: 1, p }] }, { flush: false });
    rig.hub.flush();
    expect(reader.frames).toHaveLength(2);
    expect(entriesOf(reader, 'sim:1').map(({ v, r }) => [v, r?.[0]?.['p']])).toEqual([
      [2, 2_100],
      [3, 2_200],
      [4, 2_300],
    ]);
    expect(reader.frames.at(-1)?.con).toBeUndefined();
  });

  test.each([
    ['SUSPENDED', { st: 'SUSPENDED', sr: 'BETSTOP' }, { v: 3, st: 'SUSPENDED', sr: 'BETSTOP' }],
    ['CLOSED', { st: 'CLOSED' }, { rm: true }],
    ['SETTLED', { st: 'SETTLED' }, { rm: true }],
  ] as const)(
    'is passed by when a market is %s, and its price that waited is not sent any more',
    (_, change, expected) => {
      const rig = new MarketRig();
      rig.open('sim:1');
      rig.open('sim:2');
      const reader = rig.subscribe({ conflateMs: 120_000 });
      rig.price('sim:1', 9_990);
      rig.price('sim:2', 2_250);
      rig.update({ id: 'sim:1', event: 'sim:e1', ...change });
      expect(entriesOf(reader, 'sim:1')).toEqual([{ id: 'sim:1', ...expected }]);
      rig.wait(120_000);
      expect(entriesOf(reader, 'sim:1')).toHaveLength(1);
      expect(reader.bytes).not.toContain('9990');
      expect(entriesOf(reader, 'sim:2').map(({ v }) => v)).toEqual([2]);
      expect(reader.client.state).toBe(rig.truth());
    },
  );

  test('that began with a price and ends after a suspension and a reopening tells the whole market', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const reader = rig.subscribe({ conflateMs: 1_000 });
    rig.update({ id: 'sim:1', event: 'sim:e1', st: 'SUSPENDED', sr: 'BETSTOP' });
    rig.price('sim:1', 3_330);
    rig.open('sim:1');
    rig.wait(1_000);
    expect(entriesOf(reader, 'sim:1').map(({ st, img }) => [st, img])).toEqual([
      ['SUSPENDED', undefined],
      ['OPEN', true],
    ]);
    expect(reader.bytes).not.toContain('3330');
  });
});

describe('a clk', () => {
  test('of a frame that passed a window by does not skip what waits in it', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.open('sim:2');
    const reader = rig.subscribe({ conflateMs: 120_000 });
    rig.price('sim:2', 2_250);
    rig.update({ id: 'sim:1', event: 'sim:e1', st: 'SUSPENDED', sr: 'BETSTOP' });
    const again = rig.subscribe({ conflateMs: 120_000, clk: reader.client.clk });
    expect(again.frames[0]).toMatchObject({ ct: 'RESUB', recovered: true });
    expect(again.frames[0]?.m?.find(({ id }) => id === 'sim:2')?.r).toEqual([{ id: 1, p: 2_250 }]);
  });

  test('of a reader that subscribed mid-window does not go back when urgent changes bypass that window', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.open('sim:2');
    rig.subscribe({ conflateMs: 120_000 });
    rig.price('sim:2', 2_250);
    const late = rig.subscribe({ conflateMs: 120_000 });
    const seqOf = (clk = ''): number => {
      const place = rig.codec.read(clk);
      return typeof place === 'string' ? -1 : Math.max(...place.shards.map(({ seq }) => seq));
    };
    const clkBefore = late.client.clk;
    rig.update({ id: 'sim:1', event: 'sim:e1', st: 'SUSPENDED', sr: 'BETSTOP' });
    expect(late.client.markets.get('sim:1')?.st).toBe('SUSPENDED');
    expect([seqOf(clkBefore), seqOf(late.client.clk)]).toEqual([3, 3]);
    rig.wait(120_000);
    expect(seqOf(late.client.clk)).toBe(4);
  });

  test('of a reader that subscribed mid-window names the current rules, so that nothing is missed when they end', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.open('sim:2');
    rig.subscribe({ conflateMs: 120_000 });
    rig.price('sim:2', 2_250);
    const late = rig.subscribe({ conflateMs: 120_000 });
    rig.applyRules(ruleSet(rule({ market: 'sim:1' }, 'HIDE')));
    expect([...late.client.markets.keys()]).toEqual(['sim:2']);
    late.unsubscribe();
    rig.applyRules(ruleSet());
    rig.subscribe({ conflateMs: 120_000, reader: late, clk: late.client.clk });
    expect(late.frames.at(-1)?.ct).toBe('RESUB');
    expect(late.client.state).toBe(rig.truth());
  });

  test('from a reader of another view, another filter, another history or another server is answered by an image', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const clk = rig.hub.clk(rig.view(), new MarketFilter({}));
    const answers = [
      rig.subscribe({ clk, view: rig.view(NO_RULES, 'production/acme-de/DE') }),
      rig.subscribe({ clk, filter: new MarketFilter({ types: ['MATCH_ODDS'] }) }),
      rig.subscribe({ clk: `${clk.slice(0, -4)}AAAA` }),
      rig.subscribe({ clk: Buffer.from('not a clk at all, not at all').toString('base64url') }),
    ].map(({ frames }) => [frames[0]?.ct, frames[0]?.recovered, frames[0]?.reason]);
    expect(answers).toEqual([
      ['IMG', false, 'VIEW'],
      ['IMG', false, 'FILTER'],
      ['IMG', false, 'UNKNOWN'],
      ['IMG', false, 'UNKNOWN'],
    ]);
    // A record that begins a new history.
    rig.take(0, { type: 'feed', feed: 'sim', up: true, seq: 1, epoch: 'epoch-two', at: rig.clock.now() });
    expect(rig.subscribe({ clk }).frames[0]).toMatchObject({ ct: 'IMG', recovered: false, reason: 'EPOCH' });
  });

  test('advances by heartbeats while nothing changes', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const reader = rig.subscribe({ conflateMs: 250, hbMs: 500, filter: new MarketFilter({ events: ['sim:e1'] }) });
    const before = reader.client.clk;
    rig.update({ id: 'sim:1', event: 'sim:e1', source: 'OPEN', hold: null });
    rig.wait(1_200);
    const beats = reader.frames.filter(({ op }) => op === 'hb');
    expect(beats).toHaveLength(2);
    expect(reader.client.clk).not.toBe(before);
    expect(
      rig.subscribe({ clk: reader.client.clk, filter: new MarketFilter({ events: ['sim:e1'] }) }).frames[0],
    ).toMatchObject({ ct: 'RESUB', m: [] });
  });
});

describe('silence', () => {
  test('suspends open markets after the limit, and reopens them with an image when the log is heard again', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.update({
      id: 'sim:2',
      event: 'sim:e1',
      img: true,
      st: 'SUSPENDED',
      sr: 'BETSTOP',
      def: { event: 'sim:e1', sport: 'football', type: 'X', runners: [] },
    });
    const reader = rig.subscribe({ conflateMs: 120_000 });
    rig.wait(9_900, { heard: false });
    expect(entriesOf(reader, 'sim:1')).toEqual([]);
    rig.wait(400, { heard: false });
    expect(entriesOf(reader, 'sim:1')).toEqual([{ id: 'sim:1', v: expect.any(Number), st: 'SUSPENDED', sr: 'FEED' }]);
    expect(rig.hub.imageOf(rig.view(), new MarketFilter({})).join()).not.toContain('"p"');
    rig.hear();
    rig.wait(100);
    expect(entriesOf(reader, 'sim:1').at(-1)).toMatchObject({ img: true, st: 'OPEN' });
    expect(entriesOf(reader, 'sim:2')).toEqual([]);
    expect(reader.client.state).toBe(rig.truth());
  });

  test('that ended while a reader was disconnected is sent when it resumes', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.wait(10_300, { heard: false });
    const during = rig.subscribe();
    during.unsubscribe();
    rig.hear();
    rig.wait(100);
    const after = rig.subscribe({ clk: during.client.clk });
    expect(after.frames[0]).toMatchObject({ ct: 'RESUB', m: [{ id: 'sim:1', img: true, st: 'OPEN' }] });
  });
});

describe('a rule', () => {
  test('that hides removes the market at once, and no later byte names it', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    rig.open('sim:2');
    const reader = rig.subscribe({ conflateMs: 120_000 });
    const other = rig.subscribe({ view: rig.view(NO_RULES, 'production/acme-de/DE') });
    const before = reader.client.clk;
    rig.applyRules(ruleSet(rule({ market: 'sim:1' }, 'HIDE')));
    expect(entriesOf(reader, 'sim:1')).toEqual([{ id: 'sim:1', rm: true }]);
    const length = reader.bytes.length;
    rig.price('sim:1', 4_440);
    rig.update({ id: 'sim:1', event: 'sim:e1', st: 'SUSPENDED', sr: 'BETSTOP' });
    rig.wait(120_000);
    expect(reader.bytes.slice(length)).not.toContain('sim:1');
    expect(rig.subscribe().bytes).not.toContain('sim:1');
    expect(entriesOf(other, 'sim:1').map(({ st }) => st)).toEqual([undefined, 'SUSPENDED']);
    // A reader that had the market before gets its removal; a reader that subscribed later gets nothing.
    expect(entriesOf(rig.subscribe({ clk: before, reader: new TestReader(true) }), 'sim:1')).toEqual([]);
    expect(rig.subscribe({ clk: before }).frames[0]).toMatchObject({ ct: 'RESUB', m: [{ id: 'sim:1', rm: true }] });
    expect(rig.subscribe({ clk: reader.client.clk }).frames[0]).toMatchObject({ ct: 'RESUB', m: [] });
  });

  test('of a hidden market that appears and is over while hidden reaches no reader', () => {
    const rig = new MarketRig();
    rig.applyRules(ruleSet(rule({ sport: 'tennis' }, 'HIDE')));
    const reader = rig.subscribe();
    rig.open('sim:9', 'sim:e9', { sport: 'tennis' });
    rig.price('sim:9', 2_500, 'sim:e9');
    rig.update({ id: 'sim:9', event: 'sim:e9', st: 'CLOSED' });
    rig.update({ id: 'sim:8', event: 'sim:e9', img: true, st: 'OPEN', r: [{ id: 1, p: 2_000 }] });
    expect(reader.frames).toHaveLength(1);
    expect(rig.truth()).toBe('[]');
  });

  test('that suspends sends no price, says that it was operations, and gives everything back when it is lifted', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const reader = rig.subscribe();
    rig.applyRules(ruleSet(rule({ event: 'sim:e1' }, 'SUSPEND')));
    expect(entriesOf(reader, 'sim:1').at(-1)).toMatchObject({ st: 'SUSPENDED', sr: 'OPS' });
    rig.price('sim:1', 7_770);
    expect(reader.bytes).not.toContain('7770');
    expect(reader.client.priceOf('sim:1', 1)).toBeUndefined();
    rig.applyRules(NO_RULES);
    expect(reader.client.priceOf('sim:1', 1)).toBe(7_770);
    expect(reader.client.violations).toEqual([]);
    expect(reader.client.state).toBe(rig.truth());
  });

  test('with a schedule begins and ends on its second, and readers that were disconnected get both changes', () => {
    const rig = new MarketRig(Date.parse('2026-06-01T12:59:59.000Z'));
    rig.open('sim:1');
    rig.applyRules(
      ruleSet(
        rule({ event: 'sim:e1' }, 'HIDE', { from: '2026-06-01T13:00:00', to: '2026-06-01T13:00:02', timeZone: 'UTC' }),
      ),
    );
    const reader = rig.subscribe({ conflateMs: 120_000 });
    const before = reader.client.clk;
    rig.clock.advanceTo(Date.parse('2026-06-01T12:59:59.999Z'));
    expect(entriesOf(reader, 'sim:1')).toEqual([]);
    rig.clock.advanceTo(Date.parse('2026-06-01T13:00:00.100Z'));
    expect(entriesOf(reader, 'sim:1')).toEqual([{ id: 'sim:1', rm: true }]);
    const during = rig.subscribe({ clk: before });
    expect(during.frames[0]).toMatchObject({ ct: 'RESUB', m: [{ id: 'sim:1', rm: true }] });
    during.unsubscribe();
    rig.clock.advanceTo(Date.parse('2026-06-01T13:00:02.100Z'));
    expect(entriesOf(reader, 'sim:1').at(-1)).toMatchObject({ img: true, st: 'OPEN' });
    expect(rig.subscribe({ clk: during.client.clk }).frames[0]).toMatchObject({
      ct: 'RESUB',
      m: [{ id: 'sim:1', img: true }],
    });
  });

  test('of earlier rules that are no longer kept is answered with an image', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const { clk } = rig.subscribe().client;
    for (let rev = 0; rev < 20; rev += 1) rig.applyRules(ruleSet(rule({ market: `sim:none-${rev}` }, 'HIDE')));
    expect(rig.subscribe({ clk }).frames[0]).toMatchObject({ ct: 'IMG', recovered: false, reason: 'POLICY' });
  });

  test('features', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const reader = rig.subscribe();
    rig.applyRules(ruleSet(rule({ market: 'sim:1' }, 'FEATURE')));
    expect(entriesOf(reader, 'sim:1')).toEqual([expect.objectContaining({ img: true, featured: true })]);
  });
});

describe('a feed that freezes what it suspends', () => {
  test('lets bettors keep the last price, marked, and sends none', () => {
    const rig = new MarketRig();
    rig.applyRules({ rules: [], feeds: new Map([['sim', { suspendedDisplay: 'FROZEN', conflateMs: 250 }]]) });
    rig.open('sim:1');
    const reader = rig.subscribe();
    rig.update({ id: 'sim:1', event: 'sim:e1', st: 'SUSPENDED', sr: 'BETSTOP' });
    expect(entriesOf(reader, 'sim:1')).toEqual([
      { id: 'sim:1', v: 2, st: 'SUSPENDED', sr: 'BETSTOP', bettable: false },
    ]);
    expect(reader.client.priceOf('sim:1', 1)).toBe(2_000);
    const late = rig.subscribe();
    expect(late.bytes).not.toContain('"p"');
  });
});

describe('a market that becomes another', () => {
  test('leaves those who did not choose it, and comes whole to those who did', () => {
    const rig = new MarketRig();
    rig.open('sim:1', 'sim:e1', { type: 'GOALS' });
    const goals = rig.subscribe({ filter: new MarketFilter({ types: ['GOALS'] }), conflateMs: 1_000 });
    const corners = rig.subscribe({ filter: new MarketFilter({ types: ['CORNERS'] }), conflateMs: 1_000 });
    const away = goals.client.clk;
    rig.update({
      id: 'sim:1',
      event: 'sim:e1',
      def: { event: 'sim:e1', sport: 'football', type: 'CORNERS', runners: [{ id: 1 }, { id: 2 }] },
    });
    expect(entriesOf(goals, 'sim:1')).toEqual([{ id: 'sim:1', rm: true }]);
    expect(entriesOf(corners, 'sim:1')).toEqual([expect.objectContaining({ img: true, v: 2 })]);
    expect(rig.subscribe({ filter: new MarketFilter({ types: ['GOALS'] }), clk: away }).frames[0]).toMatchObject({
      ct: 'IMG',
      reason: 'POLICY',
      m: [],
    });
  });
});

describe('a reader that does not read', () => {
  test('gets nothing more beyond 256 KiB, and everything conflated when it reads again', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const slow = rig.subscribe({ hbMs: 500 });
    slow.reads = false;
    slow.buffered = (256 << 10) + 1;
    for (let p = 2_000; p < 2_100; p += 1) rig.price('sim:1', p);
    const frames = slow.frames.length;
    rig.wait(5_000);
    expect(slow.frames).toHaveLength(frames);
    slow.buffered = 0;
    slow.reads = true;
    rig.wait(200);
    expect(slow.frames[frames]).toMatchObject({ con: true, m: [{ id: 'sim:1', v: 101, r: [{ id: 1, p: 2_099 }] }] });
    expect(slow.client.state).toBe(rig.truth());
    expect(slow.ended).toBeUndefined();
  });

  test('for ten seconds is let go', () => {
    const rig = new MarketRig();
    rig.open('sim:1');
    const slow = rig.subscribe();
    slow.reads = false;
    slow.buffered = (256 << 10) + 1;
    rig.price('sim:1', 2_500);
    rig.wait(9_900);
    expect(slow.ended).toBeUndefined();
    rig.wait(400);
    expect(slow.ended).toBe('SLOW');
    expect(rig.hub.readers).toBe(0);
  });
});

test('an image of many markets comes in segments, and only its last has a clk', () => {
  const rig = new MarketRig();
  for (let n = 0; n < 2_000; n += 1) rig.open(`sim:${n}`, `sim:e${n % 7}`);
  const { frames, client } = rig.subscribe();
  expect(frames.length).toBeGreaterThan(2);
  expect(frames.map(({ seg }) => seg)).toEqual(['S', ...frames.slice(2).map(() => 'M'), 'E']);
  expect(frames.map(({ clk }) => clk !== undefined)).toEqual(frames.map((_, index) => index === frames.length - 1));
  expect(frames.map(({ ct }) => ct)).toEqual(frames.map(() => 'IMG'));
  expect(client.markets.size).toBe(2_000);
  rig.hub.drain();
});

test('an edge that stops says so to every reader', () => {
  const rig = new MarketRig();
  const readers = [rig.subscribe(), rig.subscribe({ conflateMs: 500 })];
  rig.hub.drain();
  expect(readers.map(({ ended }) => ended)).toEqual(['DRAIN', 'DRAIN']);
});
