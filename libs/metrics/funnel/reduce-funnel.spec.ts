import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeWithData, fc } from '@paddock/testing';
import { type FunnelEvent, type FunnelPlan, reduceFunnel } from './reduce-funnel.js';

const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER };
type Asked = Partial<FunnelPlan> & { windowMs?: number; withinMs?: readonly (number | undefined)[] };
const later =
  (ms: number) =>
  (at: number): number =>
    at + ms;
const plan = ({ windowMs = 100, withinMs, ...more }: Asked = {}): FunnelPlan => ({
  ...{ steps: 3, order: 'ordered', windowEnd: later(windowMs), entry: ALWAYS },
  ...(withinMs ? { withinEnds: withinMs.map((ms) => (ms === undefined ? undefined : later(ms))) } : {}),
  ...more,
});
/** `a@1 b@5`: a is the first step; x, y are exclusions; anything else matches nothing. */
const events = (text: string): FunnelEvent[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [name = '', at] = word.split('@');
      return { at: Number(at), steps: bit('abcdef', name), exclusions: bit('xy', name) };
    });
const bit = (names: string, name: string): number => (names.includes(name) ? 1 << names.indexOf(name) : 0);
const run = (text: string, more: Asked = {}) => reduceFunnel(plan(more), events(text));

describe('an ordered funnel', () => {
  it.each<[string, string, number, number[]]>([
    ['nothing', '', 0, []],
    ['the second step alone', 'b@1 c@2', 0, []],
    ['the path', 'a@1 b@2 c@3', 3, [1, 2, 3]],
    ['other events between', 'a@1 z@2 b@3 z@4 c@5', 3, [1, 3, 5]],
    ['the wrong order', 'b@1 a@2 c@3', 1, [2]],
    ['a window that just holds', 'a@0 b@50 c@100', 3, [0, 50, 100]],
    ['a window that is over', 'a@0 b@50 c@101', 2, [0, 50]],
    ['a later entry that still fits', 'a@0 a@50 b@60 c@140', 3, [50, 60, 140]],
    ['steps at one instant', 'c@1 b@1 a@1', 3, [1, 1, 1]],
    ['events that come unsorted', 'c@3 a@1 b@2', 3, [1, 2, 3]],
  ])('%s', (_, text, level, times) => {
    expect(run(text)).toEqual({ level, times });
  });

  it('takes one event for one step, also when it matches two', () => {
    const both: FunnelEvent = { at: 1, steps: 0b11, exclusions: 0 };
    expect(reduceFunnel(plan({ steps: 2 }), [both])).toMatchObject({ level: 1 });
    expect(reduceFunnel(plan({ steps: 2 }), [both, { ...both, at: 2 }])).toMatchObject({ level: 2 });
  });

  it('counts entries within the range only, and later steps beyond it', () => {
    const entry = { from: 10, to: 20 };
    expect(run('a@9 b@11 c@12', { entry }).level).toBe(0);
    expect(run('a@19 b@21 c@25', { entry }).level).toBe(3);
    expect(run('a@20 b@21', { entry }).level).toBe(0);
  });

  it('waits for a later second step where the third must follow soon', () => {
    expect(run('a@0 b@10 b@50 c@55', { withinMs: [undefined, undefined, 5] })).toEqual({
      level: 3,
      times: [0, 50, 55],
    });
  });

  it('ends an attempt by an exclusion between the steps it names, and no other', () => {
    const exclusions = [{ after: 1, before: 2 }];
    expect(run('a@1 x@2 b@3 c@4', { exclusions })).toMatchObject({ level: 1 });
    expect(run('a@1 b@2 x@3 c@4', { exclusions })).toMatchObject({ level: 3 });
    expect(run('a@1 x@2 a@3 b@4 c@5', { exclusions })).toEqual({ level: 3, times: [3, 4, 5] });
  });

  it('comes equally far whichever of several events at one instant was read first', () => {
    const [entry, both]: [FunnelEvent, FunnelEvent] = [
      { at: 1, steps: 0b01, exclusions: 0 },
      { at: 1, steps: 0b11, exclusions: 0 },
    ];
    expect(reduceFunnel(plan({ steps: 2 }), [entry, both]).level).toBe(2);
    expect(reduceFunnel(plan({ steps: 2 }), [both, entry]).level).toBe(2);
  });
});

describe('a strict funnel', () => {
  it('ends at any other event', () => {
    expect(run('a@1 b@2 c@3', { order: 'strict' }).level).toBe(3);
    expect(run('a@1 z@2 b@3 c@4', { order: 'strict' }).level).toBe(1);
    expect(run('a@1 a@2 b@3 z@4 c@5', { order: 'strict' }).level).toBe(2);
  });

  it('is ended by an exclusion that is the next step as well', () => {
    const exclusions = [{ after: 1, before: 2 }];
    const next: FunnelEvent = { at: 2, steps: 0b10, exclusions: 1 };
    expect(reduceFunnel(plan({ order: 'strict', exclusions }), [...events('a@1'), next]).level).toBe(1);
    expect(reduceFunnel(plan({ order: 'ordered', exclusions }), [...events('a@1'), next]).level).toBe(1);
  });
});

describe('an unordered funnel', () => {
  it('takes steps in any order, each event for one of them', () => {
    expect(run('c@1 a@2 b@3', { order: 'unordered' }).level).toBe(3);
    expect(run('c@0 a@50 b@101', { order: 'unordered' }).level).toBe(2);
    const both: FunnelEvent = { at: 1, steps: 0b11, exclusions: 0 };
    expect(reduceFunnel(plan({ steps: 2, order: 'unordered' }), [both]).level).toBe(1);
    expect(
      reduceFunnel(plan({ steps: 2, order: 'unordered' }), [both, { at: 2, steps: 0b01, exclusions: 0 }]).level,
    ).toBe(2);
  });
});

describe('every ordered funnel', () => {
  const history = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 40 }),
      steps: fc.integer({ min: 0, max: 7 }),
      exclusions: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 9 },
  );
  /** On the calendar, who entered later may have to be done earlier. */
  const windowEnd = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 41, maxLength: 41 }).map(
    (lengths) =>
      (at: number): number =>
        at + (lengths[at] ?? 0),
  );
  const anyPlan = fc.record({
    windowEnd: fc.oneof(fc.integer({ min: 0, max: 30 }).map(later), windowEnd),
    withinMs: fc.array(fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }), { minLength: 3, maxLength: 3 }),
    exclusions: fc.constantFrom([], [{ after: 1, before: 2 }], [{ after: 1, before: 3 }]),
  });

  it('comes as far as the best of all possible attempts', () => {
    fc.assert(
      fc.property(history, anyPlan, (given, more) => {
        const whole = plan(more);
        expect(reduceFunnel(whole, given).level).toBe(furthest(whole, given));
      }),
      { numRuns: 2_000 },
    );
  });

  /** Tries every attempt: exponential, and therefore plain. */
  function furthest(whole: FunnelPlan, given: readonly FunnelEvent[]): number {
    const low = ({ steps }: FunnelEvent): number => (steps === 0 ? 99 : Math.log2(steps & -steps));
    const sorted = [...given].sort(
      (a, b) => a.at - b.at || low(a) - low(b) || a.steps - b.steps || a.exclusions - b.exclusions,
    );
    const from = (step: number, after: number, entry: number, last: number): number => {
      let best = step;
      for (let index = after; index < sorted.length && step < whole.steps; index += 1) {
        const event = sorted[index];
        if (!event) continue;
        const stops = whole.exclusions?.some(
          ({ after: low, before }, bitAt) => (event.exclusions & (1 << bitAt)) !== 0 && step >= low && step < before,
        );
        if (step > 0 && stops) break;
        if ((event.steps & (1 << step)) === 0) continue;
        if (
          step > 0 &&
          (event.at > whole.windowEnd(entry) || event.at > (whole.withinEnds?.[step]?.(last) ?? Infinity))
        )
          continue;
        best = Math.max(best, from(step + 1, index + 1, step === 0 ? event.at : entry, event.at));
      }
      return best;
    };
    return from(0, 0, 0, 0);
  }
});

describeWithData(describe, 'published funnels', 'analytics/oracles', (file) => {
  interface Case {
    name: string;
    events: [number, string | number][];
    steps: (string | number)[];
    window: number;
    modes: string[];
    expected_level: number;
  }

  it('reaches what ClickHouse states for windowFunnel without modes', () => {
    const { cases }: { cases: Case[] } = JSON.parse(readFileSync(file('clickhouse_window_funnel.json'), 'utf8'));
    const plain = cases.filter(({ modes }) => modes.length === 0);
    const reached = plain.map(({ name, events: given, steps, window }) => {
      const matching = given.map(([at, event]) => ({
        at,
        steps: steps.reduce<number>((bits, step, index) => (step === event ? bits | (1 << index) : bits), 0),
        exclusions: 0,
      }));
      return { name, level: reduceFunnel(plan({ steps: steps.length, windowMs: window }), matching).level };
    });
    expect(plain).toHaveLength(19);
    // ClickHouse lets one event stand for several equal steps; here each step needs an event of its own.
    const expected = plain.map(({ name, expected_level: level }) => ({
      name,
      level: name === 'one event fills equal steps' ? 1 : level,
    }));
    expect(reached).toEqual(expected);
  });
});
