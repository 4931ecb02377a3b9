import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { type Mistake, reject, rejectAll, textOfRejection } from './rejection.js';

describe('the rejection of an event', () => {
  it('that has one mistake is that mistake', () => {
    const only = reject('ID_MISSING', 'must not be empty', 'id');
    expect(rejectAll(only, [only])).toEqual(only);
  });

  it('lists every mistake by its field, those of the whole event first', () => {
    const found = rejectAll(reject('TIME_INVALID', 'is no time', 'at'), [
      reject('CONTRACT_VIOLATION', 'must be number', 'amount'),
      reject('VERSION_ENDED', 'ended'),
    ]);
    expect(found).toMatchObject({ code: 'VERSION_ENDED', problems: [{}, { field: 'amount' }, { field: 'at' }] });
    expect(textOfRejection(found)).toBe('ended; amount must be number; at is no time');
  });

  it('has a bounded length, and says how much it leaves out', () => {
    const mistakes = Array.from({ length: 500 }, (_, index) =>
      reject('CONTRACT_VIOLATION', 'x'.repeat(300), `f${index}`),
    );
    const found = rejectAll(reject('ID_MISSING', 'is empty', 'id'), mistakes);
    expect([found.problems?.length, found.omitted]).toEqual([20, 481]);
    expect(textOfRejection(found).length).toBe(2_000);
  });

  it('does not depend on the order in which mistakes are found', () => {
    const mistake = fc.record({
      code: fc.constantFrom('ID_MISSING' as const, 'TIME_INVALID' as const),
      message: fc.constantFrom('a', 'b'),
      field: fc.constantFrom('x', 'y', 'z'),
    });
    fc.assert(
      fc.property(fc.array(mistake, { minLength: 1, maxLength: 30 }), (mistakes: Mistake[]) => {
        const [first, ...others] = mistakes;
        const [last, ...before] = [...mistakes].reverse();
        if (first && last) expect(rejectAll(first, others)).toEqual(rejectAll(last, before));
      }),
    );
  });
});
