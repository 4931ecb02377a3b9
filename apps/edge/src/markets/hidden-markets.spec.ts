import { expect, test } from 'vitest';
import { ALL_SITES } from '@paddock/contracts';
import { compileRule } from '@paddock/visibility';
import { MarketRig, ruleSet, type TestReader } from '../../test/market-rig.js';
import { ClkCodec, type Place } from './clk.js';
import { EventSnapshots } from './event-snapshots.js';
import { MarketFilter } from './market-filter.js';
import { Markets } from './markets.js';

const IRELAND = 'production/acme-ie/IE';
const hidden = compileRule(`market-rule/${ALL_SITES}/no-tennis`, ALL_SITES, {
  match: { sport: 'tennis' },
  effect: 'HIDE',
  audience: { jurisdictions: ['IE'] },
  reason: 'not licensed',
});
const ofOthers = compileRule(`market-rule/${ALL_SITES}/others`, ALL_SITES, {
  match: { sport: 'football' },
  effect: 'SUSPEND',
  audience: { jurisdictions: ['GB'] },
  reason: 'test',
});

/** Everything that leaves for readers, without what is random by design: a `clk` stands as its length. */
const withoutClk = (bytes: string): string =>
  bytes.replace(/"clk":"([\w-]+)"/g, (_, clk: string) => `"clk":${clk.length}`);
const clksOf = (reader: TestReader): string[] => reader.frames.flatMap(({ clk }) => clk ?? []);

/** The same visible markets over half a minute; hidden ones beside them or not. */
function world(withHidden: boolean) {
  const rig = new MarketRig();
  const rules = ruleSet(hidden);
  const view = rig.view(rules, IRELAND);
  rig.open('sim:visible', 'sim:e1');
  const all = rig.subscribe({ view });
  const tennis = rig.subscribe({ view, filter: new MarketFilter({ sports: ['tennis'] }) });
  const conflated = [{}, { sports: ['tennis'] }, { events: ['sim:e1'] }].map((values) =>
    rig.subscribe({ conflateMs: 500, filter: new MarketFilter(values), view }),
  );
  const snapshots = new EventSnapshots(new Markets(rig.hub));
  const bodies: string[] = [];
  for (let second = 0; second < 30; second += 1) {
    if (withHidden) {
      // The same event and so the same partition too, until it is over.
      if (second % 7 === 0) rig.open(`sim:hidden-${second}`, 'sim:e1', { sport: 'tennis' });
      if (second % 7 === 5) rig.update({ id: `sim:hidden-${second - 5}`, event: 'sim:e1', st: 'SETTLED' });
      for (let n = 0; n < 40; n += 1) rig.price(`sim:hidden-${second - (second % 7)}`, 2_000 + n, 'sim:e1');
    }
    if (second % 10 === 3) rig.price('sim:visible', 3_000 + second);
    if (withHidden && second === 20) rig.applyRules(ruleSet(hidden, ofOthers), IRELAND);
    for (const filter of [new MarketFilter({}), new MarketFilter({ sports: ['tennis'] })])
      bodies.push(snapshots.read(view, filter, rig.clock.now()).json);
    rig.wait(1_000);
  }
  return { rig, view, all, tennis, own: [all, tennis, ...conflated], bodies };
}

test('two worlds that differ in hidden markets alone are the same, byte for byte, to those who may not see them', () => {
  const [without, withHidden] = [world(false), world(true)];
  expect(withHidden.own.map(({ bytes }) => withoutClk(bytes))).toEqual(
    without.own.map(({ bytes }) => withoutClk(bytes)),
  );
  expect(withHidden.bodies.map(withoutClk)).toEqual(without.bodies.map(withoutClk));
  const { tennis } = withHidden;
  // A reader for whom everything is hidden hears heartbeats: of one length, and no two alike, whether anything happened or not.
  const beats = tennis.frames.filter(({ op }) => op === 'hb');
  expect(beats.length).toBeGreaterThan(10);
  expect(new Set(beats.map((beat) => JSON.stringify(beat).length)).size).toBe(1);
  expect(new Set(clksOf(tennis)).size).toBe(clksOf(tennis).length);
});

test('a snapshot keeps its bytes while hidden markets move', () => {
  const { bodies } = world(true);
  const tennis = bodies.filter((_, index) => index % 2 === 1);
  expect(new Set(tennis).size).toBe(1);
});

test('readers resume exactly from a place among updates that they may not see', () => {
  const { rig, view, all } = world(true);
  const clk = clksOf(all).at(-1);
  rig.price('sim:visible', 7_770);
  const back = rig.subscribe({ view, clk });
  expect(back.frames[0]).toMatchObject({ ct: 'RESUB', m: [{ id: 'sim:visible', r: [{ id: 1, p: 7_770 }] }] });
});

test('a clk says nothing to its reader, and is refused when a bit of it was changed', () => {
  const codec = new ClkCodec('secret');
  const place: Place = {
    view: IRELAND,
    filter: '{"events":["sim:e1"]}',
    policy: 'abcdefgh',
    at: 1_796_000_000_000,
    shards: [{ shard: 3, epoch: 'epoch-on', seq: 14_500, silent: true }],
  };
  const [clk, again] = [codec.write(place), codec.write(place)];
  expect(again).not.toBe(clk);
  expect([codec.read(clk), codec.read(again)]).toEqual([place, place]);
  expect(Buffer.from(clk, 'base64url').toString('latin1')).not.toMatch(/IE|sim|epoch|14500/);
  const bytes = Buffer.from(clk, 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(codec.read(changed.toString('base64url'))).toBe('UNKNOWN');
  }
  expect(new ClkCodec('another').read(clk)).toBe('UNKNOWN');
  expect(codec.read(clk.slice(0, 30))).toBe('UNKNOWN');
  expect(['', 'a b', '!'].map((text) => codec.read(text))).toEqual(['MALFORMED', 'MALFORMED', 'MALFORMED']);
});

test.each([0, 9, 14_500, 2 ** 40])('a clk at seq %d is as long as any other', (seq) => {
  const codec = new ClkCodec('secret');
  const at = (one: number, epoch: string): number =>
    codec.write({
      view: IRELAND,
      filter: '{}',
      policy: 'abcdefgh',
      at: 1,
      shards: [{ shard: 0, epoch, seq: one, silent: false }],
    }).length;
  expect(at(seq, 'epoch-on')).toBe(at(1, ''));
});
