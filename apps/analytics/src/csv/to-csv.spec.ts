import { describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { fc } from '@paddock/testing';
import { textCell } from './to-csv.js';

describe('a text in a file for spreadsheets', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\n',
    '  =1',
    '\u00a0=1',
    '\u3000=1',
    '\ufeff=1',
    '\u200b=1',
    '\u0000=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    ' ＝1',
    '﹣1',
    '⁺1',
    '\u22121',
  ])('%j is no formula', (text) => {
    expect(parse(textCell(text))).toEqual([[`'${text}`]]);
  });

  it.each(['football', 'a=b', "it's", 'C++', '1 - 2', '…', '(other) '])('%j stays as it is', (text) => {
    expect(parse(textCell(text))).toEqual([[text]]);
  });

  it('that is empty, or reads as the rest does, is quoted: a bare cell is no value', () => {
    expect([textCell(''), textCell('(other)'), textCell('football')]).toEqual(['""', '"(other)"', 'football']);
  });

  it('reads back as it was but for the apostrophe, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', ' ', '=', '＝', 'a', '\ufeff') }),
        ),
        (text) => {
          const [[cell] = []] = parse(`x,${textCell(text)}`, { columns: false }).map(([, value]) => [value]);
          expect([text, `'${text}`]).toContain(cell);
        },
      ),
      { numRuns: 500 },
    );
  });
});
