import { describe, expect, it } from 'vitest';
import { InvalidQuery } from '../queries/query-problems.js';
import { type CsvFormat, readBatchCsv } from './batch-csv.js';

async function read(text: string, format?: CsvFormat): Promise<unknown> {
  try {
    const { rows, problems } = await readBatchCsv(text, format);
    return problems.length > 0
      ? problems.map(({ message }) => message)
      : rows.map(({ start, value }) => `${start} ${value}`);
  } catch (error) {
    if (!(error instanceof InvalidQuery)) throw error;
    return error.problems.map(({ code, message }) => `${code} ${message}`);
  }
}

describe('a file of a batch', () => {
  it.each<[string, string, CsvFormat | undefined, string[]]>([
    ['commas and points', 'date,value\n2026-01-05,1.5\n', undefined, ['2026-01-05 1.5']],
    [
      'semicolons and commas, as Excel writes them in most of Europe',
      '\uFEFFDate;Value\r\n2026-01-05;12,5\r\n2026-01-06;3\r\n',
      undefined,
      ['2026-01-05 12.5', '2026-01-06 3'],
    ],
    ['semicolons and points', 'start;value\n2026-01-05;12.5\n', undefined, ['2026-01-05 12.5']],
    ['tabs', 'start\tvalue\n2026-01-05\t-0,25\n', undefined, ['2026-01-05 -0.25']],
    [
      'other columns, and lines with nothing in them',
      '\n\nsite;date;value\n\nuk;2026-01-05;1\n',
      undefined,
      ['2026-01-05 1'],
    ],
    ['an empty value', 'date;value\n2026-01-05;\n', undefined, ['2026-01-05 ']],
    [
      'three digits where one number shows what they are',
      'date;value\n2026-01-05;1,234\n2026-01-06;1,5\n',
      undefined,
      ['2026-01-05 1.234', '2026-01-06 1.5'],
    ],
    ['three digits where it is declared', 'date;value\n2026-01-05;1,234\n', { decimal: 'COMMA' }, ['2026-01-05 1.234']],
    ['three digits after a point beside commas', 'date,value\n2026-01-05,1.234\n', undefined, ['2026-01-05 1.234']],
    [
      'quoted numbers with a comma, declared',
      'date,value\n2026-01-05,"1,5"\n',
      { decimal: 'COMMA' },
      ['2026-01-05 1.5'],
    ],
    [
      'a head with two marks, declared',
      '"date, local";date;value\nx;2026-01-05;1\n',
      { delimiter: 'SEMICOLON' },
      ['2026-01-05 1'],
    ],
  ])('has %s', async (_, text, format, expected) => {
    expect(await read(text, format)).toEqual(expected);
  });

  it.each<[string, string, CsvFormat | undefined, RegExp[]]>([
    [
      'columns that may be separated by either',
      'date;value,x\n',
      undefined,
      [/^AMBIGUOUS line 1: comma and semicolon may separate its columns/],
    ],
    [
      'numbers that may be thousands',
      'date;value\n2026-01-05;1,234\n',
      undefined,
      [/^AMBIGUOUS "1,234" may be 1234 as well as 1\.234/],
    ],
    [
      'numbers of both kinds',
      'date;value\n2026-01-05;1,5\n2026-01-06;1.5\n',
      undefined,
      [/^AMBIGUOUS .*comma .*point/],
    ],
    ['no such columns', 'day;amount\n2026-01-05;1\n', undefined, [/^REQUIRED line 1: .*"day;amount"/]],
    ['nothing', '', undefined, [/^REQUIRED line 1/]],
    [
      'lines of another length',
      'date,value\n2026-01-05,1\n2026-01-06\n2026-01-07,1,2\n',
      undefined,
      [/^INVALID_CSV line 3: has 1 column, the first line has 2$/, /line 4: has 3 columns/],
    ],
    [
      'a quotation mark without end',
      'date,value\n2026-01-05,"1\n',
      undefined,
      [/^INVALID_CSV line \d: a text in quotation marks has no end$/],
    ],
    [
      'invalid numbers, each by its line and column',
      'site;date;value\nuk;2026-01-05;1.234,5\n\nuk;2026-01-06;ten\n',
      { decimal: 'COMMA' },
      [
        /^line 2, column 3 \(value\): "1\.234,5" is not a number with a decimal comma/,
        /^line 4, column 3 \(value\): "ten"/,
      ],
    ],
    [
      'a point where a comma was declared',
      'date;value\n2026-01-05;1.5\n',
      { decimal: 'COMMA' },
      [/^line 2, column 2 \(value\): "1\.5"/],
    ],
  ])('is refused for %s', async (_, text, format, expected) => {
    const found = await read(text, format);
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });
});
