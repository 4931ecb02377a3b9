import { expect, test } from 'vitest';
import { textTable } from './text-table.js';

test('columns stand below each other, numbers to the right', () => {
  expect(
    textTable(
      ['client', 'requests'],
      [
        ['shop', 1_200],
        ['a', 7],
      ],
    ),
  ).toBe('client  requests\nshop       1,200\na              7');
  expect(textTable(['client'], [])).toBe('client');
});
