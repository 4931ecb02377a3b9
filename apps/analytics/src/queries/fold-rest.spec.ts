import { describe, expect, it } from 'vitest';
import { Big } from 'big.js';
import { bySize, foldRest, total } from './fold-rest.js';
import type { SeriesRow } from './series-answer.js';

const row = (cells: string[], ...values: (string | null)[]): SeriesRow => ({
  cells,
  values: values.map((value) => (value === null ? null : new Big(value))),
  hasEvents: values.map((value) => value !== null),
});
const shown = (rows: readonly SeriesRow[]) =>
  rows.map(({ cells, values }) => [cells.join('/'), ...values.map((value) => value?.toFixed() ?? null)]);

describe('the rest of a limited answer', () => {
  it('is every combination that is not among the largest over the whole time, added up bucket by bucket', () => {
    const { rows, keep } = foldRest(
      [row(['va'], '1', '1'), row(['vb'], '0', '9'), row([''], '5', '0.5'), row(['vc'], '0.25', null)],
      2,
    );
    expect(shown(rows)).toEqual([
      ['vb', '0', '9'],
      ['', '5', '0.5'],
      ['o', '1.25', '1'],
    ]);
    expect(keep).toEqual([['vb'], ['']]);
  });

  it('begins at the same place among equal combinations, in whatever order they were read', () => {
    const equal = [row(['vc'], '2', '1'), row(['va'], '3', '0'), row(['vb'], '1', '2'), row([''], '0', '3')];
    for (const rows of [equal, [...equal].reverse()]) expect(foldRest(rows, 2).keep?.sort()).toEqual([[''], ['va']]);
    // The engine compares bytes of UTF-8, in which U+FFFD comes before U+1F600; their UTF-16 has it the other way.
    expect(
      [row(['v\u{1F600}'], '1'), row(['v\uFFFD'], '1')]
        .sort(bySize(({ values }) => values[0]))
        .map(({ cells }) => cells[0]),
    ).toEqual(['v\uFFFD', 'v\u{1F600}']);
  });

  it('is absent where there are no more combinations than the limit', () => {
    const rows = [row(['va'], '1'), row(['vb'], null)];
    expect(foldRest(rows, 2)).toEqual({ rows, keep: undefined });
  });

  it('has what a rollup kept together already, which is never one of the largest; a combination with one known cell may be', () => {
    const { rows } = foldRest([row(['o', 'o'], '100'), row(['va', 'o'], '7'), row(['va', 'vx'], '3')], 1);
    expect(shown(rows)).toEqual([
      ['va/o', '7'],
      ['o/o', '103'],
    ]);
  });

  it('has no value where none of them has one; values below nothing count before none at all', () => {
    const { rows } = foldRest([row(['va'], null, '-2'), row(['vb'], null, null), row(['vc'], null, null)], 1);
    expect(shown(rows)).toEqual([
      ['va', null, '-2'],
      ['o', null, null],
    ]);
    expect(rows[1]?.hasEvents).toEqual([false, false]);
    expect(total([])).toBeNull();
  });
});
