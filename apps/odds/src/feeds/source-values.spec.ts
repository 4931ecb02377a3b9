import { expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { isRunnerId, isSourceId, readAmericanPrice, readPrice } from './source-values.js';

test.each([
  [2.38, 2_380],
  ['2.38', 2_380],
  ['1.01', 1_010],
  [1.01, 1_010],
  ['54.1439', 54_144],
  ['1000', 1_000_000],
  [100_000, 100_000_000],
  // No price: a bet at it cannot win.
  [1, null],
  ['1', null],
  ['1.0', null],
  ['1.0004', null],
  [0, null],
  ['0', null],
  [0.5, null],
  [null, null],
  [undefined, null],
  ['', null],
  // Not readable: it may have meant any price.
  [-1, undefined],
  ['-1', undefined],
  [1e308, undefined],
  [1_000_001, undefined],
  ['1000001', undefined],
  [100_000.5, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['0x10', undefined],
  ['1e2', undefined],
  ['+2', undefined],
  ['2,5', undefined],
  ['1,000.5', undefined],
  [' 2.5', undefined],
  ['2.5 ', undefined],
  ['2.', undefined],
  ['.5', undefined],
  ['٢.٥', undefined],
  ['２.5', undefined],
  ['5/2', undefined],
  ['0b11', undefined],
  ['2.5.1', undefined],
  [true, undefined],
  [{}, undefined],
  [[2], undefined],
])('the decimal price %p is %p', (written, read) => {
  expect(readPrice(written)).toBe(read);
});

test.each([
  [150, 2_500],
  ['+150', 2_500],
  ['150', 2_500],
  [-200, 1_500],
  ['-200', 1_500],
  [100, 2_000],
  [-100, 2_000],
  [50, undefined],
  ['-0', undefined],
  ['--200', undefined],
  ['1e3', undefined],
  [null, null],
  [true, undefined],
])('the American price %p is %p', (written, read) => {
  expect(readAmericanPrice(written)).toBe(read);
});

test('whatever text a price is, it is read as what Number reads, or not at all', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const price = readPrice(text);
      if (typeof price === 'number') expect(price).toBe(Math.round(Number(text) * 1_000));
    }),
  );
});

test.each([
  ['sr:match:1/38/score=1:0|total=2.5', true],
  ['pre:outcometext:6388892', true],
  ['sr:goal_range:7+:1342', true],
  ['1.900001', true],
  ["o'neill", false],
  ['<script>', false],
  ['a&amp;b', false],
  ['"x"', false],
  ['a b', false],
  ['', false],
  ['a\r\nb', false],
  ['naïve', false],
  ['x\u0000', false],
  ['a\\b', false],
  ['a`b', false],
  ['x'.repeat(191), false],
])('the id %p may pass: %p', (id, passes) => {
  expect(isSourceId(id)).toBe(passes);
});

test.each([
  [58_805, true],
  ['sr:player:1', true],
  ["O'Neill, M", true],
  ['Müller', true],
  ['注文', true],
  [1.5, false],
  [Number.NaN, false],
  ['<b>', false],
  [' a', false],
  ['a ', false],
  ['a  b', false],
  ['a\u0000', false],
  ['a\u202eb', false],
  ['a\u00a0b', false],
  ['', false],
  ['"', false],
])('the runner id %p may pass: %p', (id, passes) => {
  expect(isRunnerId(id)).toBe(passes);
});
