import { describe, expect, it } from 'vitest';
import { cacheControl } from './freshness.js';

describe('Cache-Control', () => {
  it.each([
    [Infinity, 'public, max-age=2, stale-while-revalidate=30'],
    [32_000, 'public, max-age=2, stale-while-revalidate=30'],
    [31_999, 'public, max-age=2, stale-while-revalidate=29'],
    [2_500, 'public, max-age=2, must-revalidate'],
    [1_999, 'public, max-age=1, must-revalidate'],
    [999, 'public, max-age=0, must-revalidate'],
  ])('with %d ms left is %s', (left, expected) => {
    const now = 1_000_000;
    expect(cacheControl(now + left, now)).toBe(expected);
  });
});
