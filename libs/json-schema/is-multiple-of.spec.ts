import { Big } from 'big.js';
import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { isMultipleOf } from './is-multiple-of.js';

/** The same by a library for decimals, which is slow. */
function model(step: number, value: number): boolean {
  return new Big(value).mod(new Big(step)).eq(0);
}

describe('isMultipleOf', () => {
  it.each<[number, number, boolean]>([
    [0.01, 19.99, true],
    [0.01, 0.07, true],
    [0.01, 1.15, true],
    [0.01, 4.35, true],
    [0.01, 4.355, false],
    [0.01, 0, true],
    [0.01, -0, true],
    [0.01, -0.29, true],
    [0.01, 123456789012.34, true],
    [0.01, 9007199254740.99, true],
    [0.01, 900719925474.991, false],
    [0.01, 1e308, true],
    [0.01, 5e-324, false],
    [0.0001, 0.0075, true],
    [0.0000001, 3.3, true],
    [1e-8, 12.391239, true],
    [2.5, 7.5, true],
    [2.5, 8, false],
    [0.3, 0.9, true],
    [0.3, 1, false],
    [1, 9007199254740993, true],
    [3, 1e22, false],
    [1e300, 3e300, true],
    [1e300, 1e299, false],
    [5e-324, 1.7976931348623157e308, true],
    [0.123456789, 1e308, false],
    [0.01, NaN, false],
    [0.01, Infinity, false],
    [0, 0, true],
    [0, 1, false],
  ])('of %d: %d is %s', (step, value, expected) => {
    expect(isMultipleOf(step)(value)).toBe(expected);
  });

  it('takes every price of two decimals, and none between two', () => {
    const cents = isMultipleOf(0.01);
    for (let price = 1; price <= 100_000; price += 1) {
      expect(cents(Number(`${Math.floor(price / 100)}.${String(price % 100).padStart(2, '0')}`))).toBe(true);
      expect(cents(Number(`${Math.floor(price / 100)}.${String(price % 100).padStart(2, '0')}5`))).toBe(false);
    }
  });

  it('decides as exact decimal arithmetic does', () => {
    const decimal = fc
      .tuple(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.integer({ min: -20, max: 20 }))
      .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
    const step = fc.oneof(
      fc.constantFrom(0.01, 0.1, 0.05, 0.25, 0.001, 1e-7, 1, 3, 7.5, 1e21),
      decimal.map(Math.abs).filter((one) => one > 0),
    );
    const near = fc
      .tuple(step, fc.integer({ min: -1_000_000, max: 1_000_000 }))
      .map(([one, times]) => [one, Number(new Big(one).times(times))] as const);
    fc.assert(
      fc.property(fc.oneof(fc.tuple(step, decimal), near), ([one, value]) => {
        expect(isMultipleOf(one)(value)).toBe(model(one, value));
      }),
      { numRuns: 5_000 },
    );
  });
});
