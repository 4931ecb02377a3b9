import { describe, expect, it } from 'vitest';
import { type DataSource, QueryFailedError } from 'typeorm';
import { inTransaction, isDuplicateKey } from './transactions.js';

const failed = (errno: unknown): QueryFailedError =>
  new QueryFailedError('UPDATE thing', [], Object.assign(new Error('refused'), { errno }));

/** A data source whose transactions fail with these errors, one after the other, and then succeed. */
function failing(errors: Error[]) {
  const levels: unknown[] = [];
  const transaction = (level: unknown): Promise<string> => {
    levels.push(level);
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('done');
  };
  return { source: Object.assign({ transaction }) satisfies Pick<DataSource, 'transaction'>, levels };
}

describe('a transaction', () => {
  it.each([1213, 1205, 1020])('runs again where it lost a race: %i', async (errno) => {
    const { source, levels } = failing([failed(errno), failed(errno), failed(errno)]);
    expect(await inTransaction(source, () => Promise.resolve())).toBe('done');
    expect(levels).toEqual(Array(4).fill('READ COMMITTED'));
  });

  it('is given up after three more attempts', async () => {
    const { source, levels } = failing(Array.from({ length: 5 }, () => failed(1213)));
    await expect(inTransaction(source, () => Promise.resolve())).rejects.toThrow('refused');
    expect(levels).toHaveLength(4);
  });

  it.each([failed(1062), failed('1213'), failed(undefined), new Error('1213')])(
    'fails at once with %s',
    async (error) => {
      const { source, levels } = failing([error]);
      await expect(inTransaction(source, () => Promise.resolve())).rejects.toBe(error);
      expect(levels).toHaveLength(1);
    },
  );
});

it('a broken unique key is known by its number', () => {
  expect([failed(1062), failed(1213), new Error('1062'), undefined].map(isDuplicateKey)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
