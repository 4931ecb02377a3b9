import { describe, expect, it } from 'vitest';
import { finalityOf, Watermark } from './watermark.js';

const policy = { outOfOrderMs: 30_000, idleTimeoutMs: 60_000 };

describe('a watermark', () => {
  it('follows the newest event by what may come out of order, and never goes back', () => {
    const watermark = new Watermark(policy);
    watermark.observe(100_000, 500_000, 0);
    expect(watermark.at(0)).toBe(70_000);
    watermark.observe(40_000, 500_000, 0);
    expect(watermark.at(0)).toBe(70_000);
  });

  it('does not follow an event dated in the future', () => {
    const watermark = new Watermark(policy);
    watermark.observe(9_999_999, 100_000, 0);
    expect(watermark.at(0)).toBe(70_000);
  });

  it('advances with the clock when its source is silent', () => {
    const watermark = new Watermark(policy);
    watermark.observe(1_000_000, 1_000_000, 1_000_000);
    expect(watermark.at(1_059_999)).toBe(970_000);
    expect(watermark.at(1_200_000)).toBe(1_110_000);
  });

  it('knows nothing without events', () => {
    expect(new Watermark(policy).at(1_000_000)).toBe(-Infinity);
  });
});

describe('finalityOf', () => {
  it.each([
    [101, false, 'OPEN'],
    [100, false, 'CLOSED'],
    [100, true, 'REVISED'],
    [90, false, 'FINAL'],
    [90, true, 'REVISED'],
  ] as const)('of a window that ends at %d, revised: %s, is %s', (end, revised, finality) => {
    expect(finalityOf(end, 100, 10, revised)).toBe(finality);
  });
});
