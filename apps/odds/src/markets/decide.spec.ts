import { describe, expect, test } from 'vitest';
import {
  canonicalJson,
  type FeedChange,
  type MarketChange,
  type OddsChange,
  type OddsUpdate,
  type SettlementChange,
} from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { decideRepair, decideWithdrawals } from './decide-feed.js';
import { decide } from './decide.js';
import { Shard } from './shard.js';

const source = (pt: number, feed = 'f') => ({ feed, pt });

const market = (pt: number, more: Partial<MarketChange> = {}): MarketChange => ({
  type: 'market',
  source: source(pt),
  at: pt,
  market: 'f:1',
  event: 'f:e',
  status: 'OPEN',
  runners: [{ id: 1, p: 2_000 }],
  ...more,
});
const feed = (type: 'feed_up' | 'feed_alive', at: number): FeedChange => ({ type, source: source(at), at });
const down = (at: number): FeedChange => ({ type: 'feed_down', source: source(at), at, reason: 'SILENT' });
const settle = (pt: number, state: SettlementChange['state'], result: 'WON' | 'LOST' = 'WON'): SettlementChange => ({
  type: 'settlement',
  source: source(pt),
  at: pt,
  market: 'f:1',
  event: 'f:e',
  state,
  certainty: 'CONFIRMED',
  ...(state === 'SETTLED' ? { results: [{ id: 1, result }] } : {}),
});

const stateOf = (shard: Shard): string => canonicalJson([...shard.books.values()]);

function run(shard: Shard, ...changes: OddsChange[]): OddsUpdate[] {
  return changes.flatMap((change) => shard.write(decide(shard, change), { in: undefined, at: change.at }));
}

describe('a market', () => {
  test('begins with an image and says nothing when nothing changes', () => {
    const shard = new Shard('e');
    expect(run(shard, market(1))).toMatchObject([
      { seq: 1, v: 1, img: true, st: 'OPEN', sr: null, r: [{ id: 1, st: 'ACTIVE', p: 2_000 }] },
    ]);
    expect(run(shard, market(2))).toEqual([]);
    expect(run(shard, market(3, { runners: [{ id: 1, p: 2_100 }] }))).toMatchObject([
      { seq: 2, v: 2, r: [{ id: 1, p: 2_100 }] },
    ]);
  });

  test('takes what a source says last, even when its clock goes back', () => {
    const shard = new Shard('e');
    run(shard, market(10), market(5, { runners: [{ id: 1, p: 1_500 }] }));
    expect(shard.books.get('f:1')).toMatchObject({ v: 2, pt: 5, runners: { 1: { p: 1_500 } } });
  });

  test('keeps prices while it is suspended, and reopens with an image', () => {
    const shard = new Shard('e');
    const updates = run(
      shard,
      market(1),
      market(2, { status: 'SUSPENDED', runners: [] }),
      market(3, { status: 'SUSPENDED', runners: [{ id: 1, p: 3_000 }] }),
      market(4, { runners: [] }),
    );
    expect(updates.slice(1)).toMatchObject([
      { st: 'SUSPENDED', sr: 'BETSTOP' },
      { r: [{ id: 1, p: 3_000 }] },
      { img: true, st: 'OPEN', sr: null, r: [{ id: 1, p: 3_000 }] },
    ]);
  });

  test('has no price of a runner that is removed, and tells the same runner with and without handicap apart', () => {
    const shard = new Shard('e');
    run(
      shard,
      market(1, {
        runners: [
          { id: 1, p: 2_000 },
          { id: 1, hc: -1, p: 3_000 },
        ],
      }),
      market(2, { runners: [{ id: 1, st: 'REMOVED', p: 2_000 }] }),
    );
    expect(shard.books.get('f:1')?.runners).toMatchObject({
      1: { st: 'REMOVED', p: null },
      '1/-1': { st: 'ACTIVE', p: 3_000 },
    });
  });

  test('loses with an image in mid-stream the runners that it does not mention', () => {
    const shard = new Shard('e');
    const [, image] = run(
      shard,
      market(1, {
        runners: [
          { id: 1, p: 2_000 },
          { id: 2, p: 3_000 },
        ],
      }),
      market(2, { img: true, runners: [{ id: 2, p: 3_000 }] }),
    );
    expect(image).toMatchObject({ img: true });
    expect(Object.keys(shard.books.get('f:1')?.runners ?? {})).toEqual(['2']);
  });
});

describe('a bet stop', () => {
  const grouped = (id: string, groups: string[], status: MarketChange['status'] = 'OPEN'): MarketChange =>
    market(1, {
      market: id,
      ...(status ? { status } : {}),
      definition: { event: 'f:e', sport: 'football', type: '1', groups, runners: [] },
    });

  test('suspends the open markets of its groups alone, until each says that it is open', () => {
    const shard = new Shard('e');
    run(
      shard,
      grouped('f:1', ['all', 'score']),
      grouped('f:2', ['all', 'corners']),
      grouped('f:3', ['all', 'score'], 'INACTIVE'),
    );
    run(shard, { type: 'bet_stop', source: source(2), at: 2, event: 'f:e', groups: ['score'], status: 'SUSPENDED' });
    expect([...shard.books.values()].map(({ st, sr }) => [st, sr])).toEqual([
      ['SUSPENDED', 'BETSTOP'],
      ['OPEN', null],
      ['INACTIVE', null],
    ]);
    expect(run(shard, grouped('f:1', ['all', 'score']))).toMatchObject([{ img: true, st: 'OPEN' }]);
  });
});

describe('a settlement', () => {
  test('is a record with a revision; a rollback and another result are higher revisions', () => {
    const shard = new Shard('e');
    const updates = run(shard, market(1), settle(2, 'SETTLED'), settle(3, 'ROLLED_BACK'), settle(4, 'SETTLED', 'LOST'));
    expect(updates.filter(({ type }) => type === 'settlement')).toMatchObject([
      { revision: 1, state: 'SETTLED', results: [{ id: 1, result: 'WON' }] },
      { revision: 2, state: 'ROLLED_BACK', results: [] },
      { revision: 3, state: 'SETTLED', results: [{ id: 1, result: 'LOST' }] },
    ]);
    expect(shard.books.get('f:1')).toMatchObject({ st: 'SETTLED', outcome: { revision: 3 } });
  });

  test('holds whatever the source sends, until it is rolled back', () => {
    const shard = new Shard('e');
    run(shard, market(1), settle(2, 'SETTLED'));
    run(shard, market(3, { status: 'SUSPENDED' }), market(4), market(7, { img: true }));
    expect(shard.books.get('f:1')?.st).toBe('SETTLED');
    run(shard, settle(8, 'ROLLED_BACK'));
    expect(shard.books.get('f:1')).toMatchObject({ st: 'OPEN' });
  });

  test('that is rolled back after its feed was down leaves the market suspended until it is heard of', () => {
    const shard = new Shard('e');
    run(shard, market(1), settle(2, 'SETTLED'), down(3), feed('feed_up', 4), settle(5, 'ROLLED_BACK'));
    expect(shard.books.get('f:1')).toMatchObject({ st: 'SUSPENDED', hold: 'STALE' });
    expect(run(shard, market(6))).toMatchObject([{ img: true, st: 'OPEN' }]);
  });

  test('of a market that was never offered is kept all the same', () => {
    expect(run(new Shard('e'), settle(2, 'SETTLED'))).toMatchObject([
      { type: 'settlement', revision: 1 },
      { type: 'market', img: true, st: 'SETTLED' },
    ]);
  });

  test('of a period only leaves the market open; of the whole market cancels it, and can be taken back', () => {
    const shard = new Shard('e');
    run(shard, market(1), { ...settle(2, 'CANCELLED'), from: 0, to: 1 });
    expect(shard.books.get('f:1')?.st).toBe('OPEN');
    run(shard, settle(3, 'CANCELLED'));
    expect(shard.books.get('f:1')?.st).toBe('CANCELLED');
    run(shard, settle(4, 'CANCEL_ROLLED_BACK'));
    // Its prices are from before it was cancelled.
    expect(shard.books.get('f:1')?.st).toBe('SUSPENDED');
    run(shard, market(5));
    expect(shard.books.get('f:1')?.st).toBe('OPEN');
  });

  test('sent again, alone or with all of its past, changes nothing', () => {
    const shard = new Shard('e');
    const history = [settle(2, 'SETTLED'), settle(3, 'ROLLED_BACK'), settle(4, 'SETTLED')];
    run(shard, market(1), ...history);
    const before = stateOf(shard);
    expect(run(shard, ...history, settle(9, 'SETTLED'))).toEqual([]);
    expect(stateOf(shard)).toBe(before);
  });
});

describe('a feed that is down', () => {
  test("suspends its open markets, not another feed's, nor what is over", () => {
    const shard = new Shard('e');
    run(
      shard,
      market(1),
      market(1, { market: 'f:2' }),
      market(1, { market: 'f:3', status: 'CLOSED' }),
      market(1, { market: 'g:1', source: source(1, 'g') }),
      { ...settle(2, 'SETTLED'), market: 'f:2' },
    );
    const updates = run(shard, down(3));
    expect(updates).toMatchObject([
      { type: 'feed', feed: 'f', up: false, reason: 'SILENT' },
      { id: 'f:1', st: 'SUSPENDED', sr: 'FEED' },
    ]);
    expect(updates).toHaveLength(2);
    expect(shard.books.get('g:1')?.st).toBe('OPEN');
  });

  test('reopens a market once the feed is complete and the market was heard of, whichever is last', () => {
    const shard = new Shard('e');
    run(shard, market(1), market(1, { market: 'f:2' }), down(3));
    expect(run(shard, market(4)).at(-1)).toMatchObject({ hold: 'FRESH' });
    expect(shard.books.get('f:1')?.st).toBe('SUSPENDED');
    expect(run(shard, feed('feed_up', 5))).toMatchObject([
      { type: 'feed', up: true },
      { id: 'f:1', img: true, st: 'OPEN', sr: null },
    ]);
    expect(shard.books.get('f:2')).toMatchObject({ st: 'SUSPENDED', sr: 'FEED' });
    expect(run(shard, market(6, { market: 'f:2' }))).toMatchObject([{ img: true, st: 'OPEN' }]);
  });

  test('is not brought up by what was said before it went down', () => {
    const shard = new Shard('e');
    run(shard, market(1), down(10), market(9), feed('feed_up', 9));
    expect(shard.feed('f').up).toBe(false);
    run(shard, feed('feed_up', 11));
    expect(shard.books.get('f:1')).toMatchObject({ st: 'SUSPENDED', hold: 'STALE' });
  });

  test('withdraws what its source has not mentioned for an hour after it was complete', () => {
    const shard = new Shard('e');
    run(shard, market(1), market(1, { market: 'f:2' }), down(3), market(4), feed('feed_up', 5));
    expect(decideWithdrawals(shard, 3_600_005)).toEqual([]);
    expect(shard.write(decideWithdrawals(shard, 3_600_006), { in: undefined, at: 3_600_006 })).toMatchObject([
      { id: 'f:2', st: 'INACTIVE', sr: null, hold: null },
    ]);
    expect(decideWithdrawals(shard, 9_000_000)).toEqual([]);
  });

  test('holds new markets too', () => {
    const shard = new Shard('e');
    run(shard, down(1), market(2));
    expect(shard.books.get('f:1')).toMatchObject({ st: 'SUSPENDED', sr: 'FEED' });
  });

  test('is finished by a repair, wherever a crash cut its records off', () => {
    const changes = [
      market(1),
      market(1, { market: 'f:2' }),
      down(3),
      market(4),
      market(4, { market: 'f:2' }),
      feed('feed_up', 5),
    ];
    const whole = new Shard('e');
    const log = run(whole, ...changes);
    for (let cut = 3; cut <= log.length; cut += 1) {
      const torn = new Shard('e');
      for (const update of log.slice(0, cut)) torn.apply(update);
      torn.write(decideRepair(torn), { in: undefined, at: 6 });
      run(torn, ...changes.slice(2));
      expect([...torn.books.values()].map(({ st }) => st)).toEqual(['OPEN', 'OPEN']);
    }
  });
});

describe('whatever a feed sends', () => {
  const anyChange: fc.Arbitrary<OddsChange> = fc.integer({ min: 1, max: 50 }).chain((pt) =>
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .record({
            id: fc.constantFrom('f:1', 'f:2'),
            status: fc.constantFrom('OPEN', 'SUSPENDED', 'CLOSED', 'INACTIVE'),
            img: fc.boolean(),
            p: fc.constantFrom(1_500, 2_000, null),
            runner: fc.constantFrom(1, 2),
          })
          .map(({ id, status, img, p, runner }) =>
            market(pt, { market: id, status, ...(img ? { img: true } : {}), runners: [{ id: runner, p }] }),
          ),
      },
      fc.constantFrom<OddsChange>(down(pt), feed('feed_up', pt), feed('feed_alive', pt), {
        type: 'bet_stop',
        source: source(pt),
        at: pt,
        event: 'f:e',
        status: 'SUSPENDED',
      }),
      fc.constantFrom<OddsChange>(
        settle(pt, 'SETTLED'),
        settle(pt, 'SETTLED', 'LOST'),
        settle(pt, 'ROLLED_BACK'),
        settle(pt, 'CANCELLED'),
        settle(pt, 'CANCEL_ROLLED_BACK'),
      ),
    ),
  );

  test('seq has no gap, v rises by one, settled markets do not open, and readers of the log have the same books', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 60 }), (changes) => {
        const shard = new Shard('e');
        const reader = new Shard('e');
        const versions = new Map<string, number>();
        let seq = 0;
        for (const change of changes) {
          const settled = new Set([...shard.books.values()].flatMap(({ id, st }) => (st === 'SETTLED' ? [id] : [])));
          for (const update of run(shard, change)) {
            expect(update.seq).toBe((seq += 1));
            if (update.type === 'market') {
              expect(update.v).toBe((versions.get(update.id) ?? 0) + 1);
              versions.set(update.id, update.v);
              if (update.st === 'OPEN' && settled.has(update.id))
                expect(change).toMatchObject({ type: 'settlement', state: 'ROLLED_BACK' });
            }
            reader.apply(update);
            reader.apply(update);
          }
        }
        expect(stateOf(reader)).toBe(stateOf(shard));
      }),
    );
  });
});
