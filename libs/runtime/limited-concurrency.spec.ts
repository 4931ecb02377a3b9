import { expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { LimitedConcurrency } from './limited-concurrency.js';

test('runs everything once, in order, never more at once than allowed, also where work fails', async () => {
  const work = fc.array(fc.record({ fails: fc.boolean(), turns: fc.nat({ max: 3 }) }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), work, async (limit, pieces) => {
      const limited = new LimitedConcurrency(limit);
      const started: number[] = [];
      let running = 0;
      const outcomes = await Promise.allSettled(
        pieces.map(({ fails, turns }, index) =>
          limited.run(async () => {
            started.push(index);
            running += 1;
            expect(running).toBeLessThanOrEqual(limit);
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            running -= 1;
            if (fails) throw new Error('failed');
            return index;
          }),
        ),
      );
      expect(started).toEqual(pieces.map((_piece, index) => index));
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(pieces.map(({ fails }) => fails));
    }),
  );
});
