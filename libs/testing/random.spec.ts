import { expect, test } from 'vitest';
import { seededRandom } from './random.js';

test('the same seed gives the same sequence, another seed another', () => {
  const sequence = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.integer(0, 1_000_000));
  };
  expect(sequence(7)).toEqual(sequence(7));
  expect(sequence(7)).not.toEqual(sequence(8));
});

test('integers keep to both ends and reach them', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 500 }, () => random.integer(3, 5));
  expect(new Set(drawn)).toEqual(new Set([3, 4, 5]));
});
