import type { DimensionValue } from '../queries/metric-series.js';
import type { Answered } from '../queries/queries.js';

/** A text that a spreadsheet may run: a formula sign, also after spaces, line ends and invisible characters. */
const BEFORE = /^[\s\p{Z}\p{C}]+/u;
const SIGN = /^[=+\-@\u2212]/u;
/** Some readers begin a new cell or formula after these. */
const CONTROL = /^[\t\r\n]/;
const NEEDS_QUOTES = /[",\n\r]|^\s|\s$/;
const OTHER = '(other)';

/**
 * A text as a cell (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it: senders
 * of events choose the values of dimensions, and the program that opens the file would run them. The empty text is
 * `""`, and a text equal to `(other)` is quoted too: without quotes, these cells are not values.
 */
export function textCell(text: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  return safe === '' || safe === OTHER || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Signs may be full-width, small or raised (＝, ﹣, ⁺): compatible characters count as what they stand for. */
function isFormula(text: string): boolean {
  return CONTROL.test(text) || SIGN.test(text.replace(BEFORE, '').slice(0, 2).normalize('NFKC'));
}

/** A dimension's value: an empty cell where the field is missing, `(other)` for all values beyond the limit. */
function dimensionCell({ kind, value }: DimensionValue): string {
  switch (kind) {
    case 'VALUE':
      return textCell(value ?? '');
    case 'OTHER':
      return OTHER;
    case 'MISSING':
      return '';
  }
}

/** A series as CSV: a line per point, times in UTC, numbers with every digit. */
export function seriesCsv({ answer }: Answered, compared: boolean): string {
  const names = answer.rows[0]?.dimensions.map(({ name }) => name) ?? [];
  const head = ['start', 'end', ...names, 'value', ...(compared ? ['previous'] : []), 'finality'];
  const lines = [head.map(textCell).join(',')];
  for (const { dimensions, values, previous, shown } of answer.rows) {
    const cells = dimensions.map(dimensionCell);
    for (const index of shown) {
      const { start, end } = answer.intervals[index] ?? { start: 0, end: 0 };
      // Numbers are computed here, so a leading minus is not a formula.
      const numbers = [values[index], ...(compared ? [previous[index]] : [])].map((value) => value?.toFixed() ?? '');
      lines.push(
        [
          new Date(start).toISOString(),
          new Date(end).toISOString(),
          ...cells,
          ...numbers,
          answer.finality[index] ?? 'OPEN',
        ].join(','),
      );
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}
