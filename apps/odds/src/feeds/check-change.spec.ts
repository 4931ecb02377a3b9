import { expect, test } from 'vitest';
import type { MarketChange, RunnerChange } from '@paddock/contracts';
import { checkChange } from './check-change.js';

const change: MarketChange = {
  type: 'market',
  source: { feed: 'f', pt: 1 },
  at: 1,
  market: 'f:1',
  event: 'f:e',
  img: true,
  status: 'OPEN',
  runners: [{ id: 'a', p: 2_000 }],
};
const withRunners = (...runners: RunnerChange[]): MarketChange => ({ ...change, runners });

test.each<[string, MarketChange]>([
  ['a good one', change],
  ['no price', withRunners({ id: 'a', p: null })],
  ['the same runner at two handicaps', withRunners({ id: 1, hc: -1, p: 2_000 }, { id: 1, hc: 1, p: 2_000 })],
])('%s passes as it is', (_name, good) => {
  expect(checkChange(good)).toEqual({ change: good, problems: [] });
});

test.each<[string, RunnerChange[], RegExp]>([
  [
    'one runner twice',
    [
      { id: 'a', p: 2_000 },
      { id: 'a', p: 3_000 },
    ],
    /twice/,
  ],
  ['a runner with markup in its id', [{ id: '<script>', p: 2_000 }], /markup/],
  ['a price of 1.0', [{ id: 'a', p: 1_000 }], /above 1.0/],
  ['a fraction of a thousandth', [{ id: 'a', p: 2_000.5 }], /above 1.0/],
  ['a price beyond all odds', [{ id: 'a', p: null, ltp: 1e9 }], /100,000/],
])('%s suspends the market, and keeps nothing that was said of its prices', (_name, runners, reason) => {
  const { change: written, problems } = checkChange(withRunners(...runners));
  expect(problems.join()).toMatch(reason);
  expect(written).toEqual({
    type: 'market',
    source: change.source,
    at: 1,
    market: 'f:1',
    event: 'f:e',
    status: 'SUSPENDED',
  });
});

test.each([
  ['f:<b>', 'f:e'],
  ['f:1', 'f:\r\n'],
])('a change about market %p of event %p is refused', (market, event) => {
  expect(checkChange({ ...change, market, event })).toMatchObject({
    change: undefined,
    problems: [expect.stringContaining('ids must be')],
  });
});

test('a closed market stays closed, whatever its runners are', () => {
  expect(checkChange({ ...withRunners({ id: '<', p: 1 }), status: 'CLOSED' }).change).toMatchObject({
    status: 'CLOSED',
  });
});
