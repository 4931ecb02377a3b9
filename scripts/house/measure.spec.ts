import { expect, test } from 'vitest';
import { measureFile, quantile } from './measure.mjs';
import { report } from './report.mjs';

const SOURCE = `/** Said. */
export const documented = 1;
export function undocumented(a: number) {
  // Why.
  return () => a;
}

export class Crowded {
  constructor(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}
}
const wide = '${'x'.repeat(120)}';
`;

test('a file is measured by its syntax, not by its text', () => {
  expect(measureFile('libs/x/a.ts', SOURCE)).toEqual({
    path: 'libs/x/a.ts',
    lines: 10,
    comments: 2,
    wide: 1,
    functions: [4, 1, 1],
    constructors: [{ name: 'Crowded', count: 7 }],
    undocumented: ['libs/x/a.ts: undocumented', 'libs/x/a.ts: Crowded'],
  });
});

test.each([
  { values: [], share: 0.5, value: 0 },
  { values: [3, 1, 2], share: 0.5, value: 2 },
  { values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share: 0.9, value: 10 },
])('of $values the quantile $share is $value', ({ values, share, value }) => {
  expect(quantile(values, share)).toBe(value);
});

test('tests count as tests, and only libs must document every export', () => {
  const text = report([
    measureFile('libs/x/a.ts', SOURCE),
    measureFile('apps/edge/src/a.ts', SOURCE),
    measureFile('libs/x/a.spec.ts', SOURCE),
  ]);
  expect(text).toMatch(/source files, lines +2, 20/);
  expect(text).toMatch(/test lines per source line +0\.50/);
  expect(text).toMatch(/exported symbols of libs without a doc comment +2/);
  expect(text).toMatch(/constructors with more than 6 dependencies +2/);
});
