import type { Answered } from '../queries/questions.js';

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\n\r]/;

/**
 * A text as a cell (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it: whoever
 * sends events chooses the values of dimensions, and whoever opens the file runs them.
 */
export function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A series as CSV: a line per point, times in UTC, numbers with every digit. */
export function seriesCsv({ answer }: Answered, compared: boolean): string {
  const names = answer.rows[0]?.dimensions.map(({ name }) => name) ?? [];
  const head = ['start', 'end', ...names, 'value', ...(compared ? ['previous'] : []), 'finality'];
  const lines = [head.map(textCell).join(',')];
  for (const { dimensions, values, previous, shown } of answer.rows) {
    const cells = dimensions.map(({ kind, value }) => (kind === 'VALUE' ? textCell(value ?? '') : kind === 'OTHER' ? '(other)' : ''));
    for (const index of shown) {
      const { start, end } = answer.intervals[index] ?? { start: 0, end: 0 };
      // Numbers are our own: a minus before them is no formula.
      const numbers = [values[index], ...(compared ? [previous[index]] : [])].map((value) => value?.toFixed() ?? '');
      lines.push([new Date(start).toISOString(), new Date(end).toISOString(), ...cells, ...numbers, answer.finality[index] ?? 'OPEN'].join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}
