import { expect, test } from 'vitest';
import { applyMarketUpdate, type MarketBook, type MarketUpdate } from '@paddock/contracts';
import { PriceHistory } from './price-history.js';

function take(
  history: PriceHistory,
  prices: readonly [at: number, p: number | null][],
  st: 'OPEN' | 'SUSPENDED' = 'OPEN',
): void {
  prices.forEach(([at, p], index) => {
    const update: MarketUpdate = {
      type: 'market',
      seq: index,
      epoch: 'e',
      at,
      id: 'f:1',
      event: 'f:e',
      feed: 'f',
      v: index + 1,
      pt: at,
      img: true,
      st,
      r: [{ id: 7, p }],
    };
    const book: MarketBook | undefined = applyMarketUpdate(undefined, update);
    if (book) history.take(update, book);
  });
}

test('a minute keeps its first, highest, lowest and last price', () => {
  const history = new PriceHistory();
  take(history, [
    [60_000, 2_000],
    [61_000, 2_500],
    [62_000, 1_500],
    [119_999, 1_800],
    [120_000, 3_000],
    [121_000, null],
  ]);
  expect(history.drain()).toEqual([
    { market: 'f:1', runner: '7', begin: 60_000, open: 2_000, high: 2_500, low: 1_500, close: 1_800 },
    { market: 'f:1', runner: '7', begin: 120_000, open: 3_000, high: 3_000, low: 3_000, close: 3_000 },
  ]);
  expect(history.drain()).toEqual([]);
});

test('prices that took no bets are not part of the history', () => {
  const history = new PriceHistory();
  take(history, [[60_000, 2_000]], 'SUSPENDED');
  expect(history.drain()).toEqual([]);
});

test('what could not be stored goes before what came since', () => {
  const history = new PriceHistory();
  take(history, [
    [60_000, 2_000],
    [61_000, 2_500],
  ]);
  const unstored = history.drain();
  take(history, [[62_000, 1_500]]);
  history.restore(unstored);
  expect(history.drain()).toMatchObject([{ open: 2_000, high: 2_500, low: 1_500, close: 1_500 }]);
});
