import { expect, test } from 'vitest';
import { ALL_SITES, type MarketStatus, type RuleEffect } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { compileRule } from '@paddock/visibility';
import { MarketRig, ruleSet } from '../../test/market-rig.js';
import { MarketFilter } from './market-filter.js';

const MARKETS = ['sim:a', 'sim:b', 'sim:c', 'sim:d'] as const;
const EVENTS = { 'sim:a': 'sim:e1', 'sim:b': 'sim:e1', 'sim:c': 'sim:e2', 'sim:d': 'sim:e3' } as const;
const WINDOWS = [0, 100, 700, 120_000];

type MarketName = (typeof MARKETS)[number];
type Step =
  | { readonly do: 'open' | 'price'; readonly market: MarketName; readonly p: number; readonly flush: boolean }
  | { readonly do: 'status'; readonly market: MarketName; readonly st: MarketStatus }
  | { readonly do: 'type'; readonly market: MarketName; readonly type: string }
  | { readonly do: 'rules'; readonly rules: readonly (readonly [MarketName | 'tennis', RuleEffect])[] }
  | { readonly do: 'wait'; readonly ms: number; readonly heard: boolean }
  | { readonly do: 'cut'; readonly reader: number }
  | { readonly do: 'stall'; readonly reader: number };

const market = fc.constantFrom(...MARKETS);
const p = fc.integer({ min: 100_000, max: 999_999 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('open' as const), market, p, flush: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('price' as const), market, p, flush: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('status' as const),
      market,
      st: fc.constantFrom<MarketStatus>('SUSPENDED', 'CLOSED', 'INACTIVE', 'SETTLED'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('type' as const), market, type: fc.constantFrom('X', 'Y') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rules' as const),
      rules: fc.array(
        fc.tuple(fc.constantFrom(...MARKETS), fc.constantFrom<RuleEffect>('HIDE', 'SUSPEND', 'FEATURE', 'SHOW')),
        { maxLength: 3 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 10, max: 15_000 }),
      heard: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('cut' as const), reader: fc.nat(WINDOWS.length * 2 - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const), reader: fc.nat(WINDOWS.length * 2 - 1) }) },
);

/** Readers of every window, with and without a filter, over one random history. */
class History {
  readonly rig = new MarketRig();
  readonly filters = [new MarketFilter({}), new MarketFilter({ types: ['X'] })];
  readonly readers = WINDOWS.flatMap((conflateMs) =>
    this.filters.map((filter) => ({
      conflateMs,
      filter,
      reader: this.rig.subscribe({ conflateMs, filter, hbMs: 5_000 }),
    })),
  );

  run(step: Step): void {
    switch (step.do) {
      case 'open': {
        const event = EVENTS[step.market];
        const def = { event, sport: 'football', type: 'X', runners: [{ id: 1 }] };
        this.rig.update(
          { id: step.market, event, img: true, st: 'OPEN', sr: null, def, r: [{ id: 1, st: 'ACTIVE', p: step.p }] },
          step,
        );
        return;
      }
      case 'price':
        this.rig.update({ id: step.market, event: EVENTS[step.market], r: [{ id: 1, p: step.p }] }, step);
        return;
      case 'status':
        this.rig.update({
          id: step.market,
          event: EVENTS[step.market],
          st: step.st,
          sr: step.st === 'SUSPENDED' ? 'BETSTOP' : null,
        });
        return;
      case 'type': {
        const event = EVENTS[step.market];
        this.rig.update({
          id: step.market,
          event,
          def: { event, sport: 'football', type: step.type, runners: [{ id: 1 }] },
        });
        return;
      }
      case 'rules': {
        const rules = step.rules.map(([name, effect], index) =>
          compileRule(`market-rule/${ALL_SITES}/r${index}`, ALL_SITES, {
            match: { market: name },
            effect,
            reason: 'test',
          }),
        );
        this.rig.applyRules(ruleSet(...rules));
        return;
      }
      case 'wait':
        this.rig.hub.flush();
        this.rig.wait(step.ms, step);
        return;
      case 'cut': {
        const one = this.readers[step.reader];
        if (!one) return;
        this.rig.hub.flush();
        one.reader.unsubscribe();
        if (one.reader.buffered > 0) one.reader.buffered = 0;
        this.rig.subscribe({ ...one, hbMs: 5_000, clk: one.reader.client.clk });
        return;
      }
      case 'stall': {
        const one = this.readers[step.reader];
        if (one) one.reader.buffered = one.reader.buffered > 0 ? 0 : 300 << 10;
      }
    }
  }

  /** Every reader reads again, and every window has ended. */
  finish(): void {
    this.rig.hub.flush();
    for (const { reader } of this.readers) reader.buffered = 0;
    this.rig.hear();
    this.rig.wait(120_200);
    for (const { reader, conflateMs, filter } of this.readers)
      if (reader.ended) this.rig.subscribe({ conflateMs, filter, reader, clk: reader.client.clk });
  }
}

/** Without `v`: a disconnected reader does not get prices that stayed withheld, so its `v` may be lower. */
const seen = (state: string): string => state.replaceAll(/"v":\d+/g, '"v":0');

test('whatever happens, every reader ends with what a new one would get, and never had what it must not have', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const history = new History();
      for (const one of steps) {
        const counts = history.readers.map(({ reader }) => reader.frames.length);
        history.run(one);
        for (const [index, { reader, filter }] of history.readers.entries()) {
          const sent = reader.frames.slice(counts[index]).flatMap(({ m }) => m ?? []);
          for (const entry of history.rig.hub.markets(filter)) {
            const shown = history.rig.view().show(entry, history.rig.hub.isSilent(entry));
            const price = entry.book.runners['1']?.p;
            // What is not open now has its price in nothing that was just sent.
            if (shown?.st !== 'OPEN' && one.do !== 'wait')
              expect(sent.filter(({ id, r }) => id === entry.id && r?.some(({ p }) => p === price))).toEqual([]);
          }
        }
      }
      history.finish();
      for (const { reader, filter } of history.readers) {
        expect(reader.client.violations).toEqual([]);
        expect(seen(reader.client.state)).toBe(seen(history.rig.truth(history.rig.view(), filter)));
      }
    }),
    { numRuns: 150 },
  );
});

test('a reader keeps its place, whenever it came: a clk is never older than one it had before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const history = new History();
      for (const one of steps) history.run(one);
      history.finish();
      for (const { reader } of history.readers) {
        let before: readonly number[] = [];
        for (const { clk } of reader.frames) {
          const place = clk === undefined ? 'MALFORMED' : history.rig.codec.read(clk);
          if (typeof place === 'string') continue;
          const seqs = place.shards.map(({ seq }) => seq);
          expect(seqs.every((seq, index) => seq >= (before[index] ?? 0))).toBe(true);
          before = seqs;
        }
        expect(before.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 80 },
  );
});
