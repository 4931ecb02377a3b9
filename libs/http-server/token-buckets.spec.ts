import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { TokenBuckets } from './token-buckets.js';

describe('token buckets', () => {
  it('give the burst at once, and then one token per interval', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 5 });
    const meter = buckets.meterOf('a');
    expect(Array.from({ length: 6 }, () => buckets.take(meter, 1_000))).toEqual([0, 0, 0, 0, 0, 100]);
    expect(buckets.take(meter, 1_099)).toBeCloseTo(1);
    expect([buckets.take(meter, 1_100), buckets.take(meter, 1_100)]).toEqual([0, 100]);
    expect(Array.from({ length: 6 }, () => buckets.take(meter, 9_000) === 0)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('one key takes nothing from another', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    expect(buckets.take(buckets.meterOf('a'), 0)).toBe(0);
    expect(buckets.take(buckets.meterOf('a'), 0)).toBe(1_000);
    expect(buckets.take(buckets.meterOf('b'), 0)).toBe(0);
  });

  it('0 per second is no limit', () => {
    const buckets = new TokenBuckets({ perSecond: 0, burst: 0 });
    const meter = buckets.meterOf('a');
    expect(Array.from({ length: 1_000 }, () => buckets.take(meter, 7)).every((wait) => wait === 0)).toBe(true);
  });

  it('a-flood-of-invented-keys takes no more memory than two generations', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, 100);
    buckets.take(buckets.meterOf('steady'), 0);
    for (let n = 0; n < 10_000; n += 1) {
      buckets.meterOf(`key-${n}`);
      if (n % 50 === 0) buckets.meterOf('steady');
    }
    expect(buckets.size).toBeLessThanOrEqual(200);
    // A key that is used goes from generation to generation with what it has used.
    expect(buckets.take(buckets.meterOf('steady'), 1)).toBeGreaterThan(0);
  });

  it('never give more than burst and rate together, whenever they are asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }),
        (perSecond, burst, pauses) => {
          const buckets = new TokenBuckets({ perSecond, burst });
          const meter = buckets.meterOf('a');
          let now = 0;
          let given = 0;
          for (const pause of pauses) {
            now += pause;
            if (buckets.take(meter, now) === 0) given += 1;
          }
          expect(given).toBeLessThanOrEqual(burst + Math.floor((now * perSecond) / 1_000) + 1e-6);
        },
      ),
    );
  });
});
