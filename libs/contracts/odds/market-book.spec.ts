import { describe, expect, test } from 'vitest';
import { applyMarketUpdate, type MarketBook } from './market-book.js';
import { toThousandths } from './market.js';
import type { MarketUpdate } from './update.js';

const image: MarketUpdate = {
  type: 'market',
  seq: 1,
  epoch: 'e',
  at: 10,
  id: 'f:1',
  event: 'f:9',
  feed: 'f',
  v: 1,
  pt: 5,
  img: true,
  st: 'OPEN',
  source: 'OPEN',
  r: [
    { id: 1, p: 2_000, st: 'ACTIVE' },
    { id: 1, hc: -1.5, p: 3_000 },
  ],
};
const { img: _img, st: _st, source: _source, r: _r, ...delta } = image;

describe('a market book', () => {
  const book = applyMarketUpdate(undefined, image);

  test('begins with an image', () => {
    expect(book?.runners).toEqual({
      1: { id: 1, st: 'ACTIVE', p: 2_000 },
      '1/-1.5': { id: 1, hc: -1.5, st: 'ACTIVE', p: 3_000 },
    });
    expect(applyMarketUpdate(undefined, { ...delta, v: 2 })).toBeUndefined();
  });

  test('takes what an update mentions and keeps the rest', () => {
    const next = applyMarketUpdate(book, {
      ...delta,
      v: 2,
      at: 20,
      st: 'SUSPENDED',
      sr: 'BETSTOP',
      r: [{ id: 1, p: null, ltp: 1_900 }],
    });
    expect(next).toMatchObject({
      v: 2,
      at: 20,
      st: 'SUSPENDED',
      sr: 'BETSTOP',
      runners: { 1: { st: 'ACTIVE', p: null, ltp: 1_900 }, '1/-1.5': { p: 3_000 } },
    });
    expect(applyMarketUpdate(next, { ...delta, v: 3, st: 'OPEN', sr: null })?.sr).toBeNull();
  });

  test('ignores what is not newer', () => {
    const repeated: MarketUpdate = { ...delta, v: 1, st: 'CLOSED' };
    expect(applyMarketUpdate(book, repeated)).toBe(book);
  });

  test('forgets with an image what the image does not mention', () => {
    const next = applyMarketUpdate(book, { ...image, v: 4, r: [{ id: 2, p: 1_500 }] });
    expect(Object.keys((next satisfies MarketBook | undefined)?.runners ?? {})).toEqual(['2']);
  });
});

test.each([
  [2.38, 2_380],
  [1.01, 1_010],
  [54.1439, 54_144],
  [1_000, 1_000_000],
  [1, null],
  [1.0004, null],
  [100_001, null],
  [0, null],
  [0.5, null],
  [Number.NaN, null],
  [undefined, null],
])('decimal odds %p are %p thousandths', (decimal, thousandths) => {
  expect(toThousandths(decimal)).toBe(thousandths);
});
