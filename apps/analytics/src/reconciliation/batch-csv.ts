import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { InvalidQuery, type QueryProblem } from '../queries/query-problems.js';
import type { AskedBatchRow, PlaceOf } from './batch-results.js';
import { MAX_BATCH_ROWS } from './batch-results.js';

/** What separates the columns of a file. */
export const CSV_DELIMITERS = { COMMA: ',', SEMICOLON: ';', TAB: '\t' } as const;
export type CsvDelimiter = keyof typeof CSV_DELIMITERS;

/** The decimal mark of numbers. */
export const CSV_DECIMALS = { POINT: '.', COMMA: ',' } as const;
export type CsvDecimal = keyof typeof CSV_DECIMALS;

/** The format of a file; members that are left out are detected from the file. */
export interface CsvFormat {
  delimiter?: CsvDelimiter | null | undefined;
  decimal?: CsvDecimal | null | undefined;
}

/** Rows of a file with their line numbers, and the mistakes in their numbers. */
export interface BatchCsv {
  rows: AskedBatchRow[];
  place: PlaceOf;
  problems: QueryProblem[];
}

interface Line {
  cells: readonly string[];
  /** Counted from 1, as editors do. */
  line: number;
}

const MAX_CSV_LENGTH = 1 << 20;
/** Characters parsed before other requests get their turn. */
const PIECE_LENGTH = 32 * 1024;
const MAX_PROBLEMS = 100;

/**
 * Reads a file whose first line names the columns `start` (or `date`) and `value`. Columns are separated by commas,
 * semicolons or tabs, and decimals begin with a point or a comma; an ambiguous file is refused.
 * @throws InvalidQuery
 */
export async function readBatchCsv(text: string, format: CsvFormat = {}): Promise<BatchCsv> {
  if (text.length > MAX_CSV_LENGTH)
    throw refused('TOO_LONG', `has ${text.length} characters, at most ${MAX_CSV_LENGTH} are allowed`);
  const delimiter = format.delimiter ? CSV_DELIMITERS[format.delimiter] : delimiterOf(firstLine(text));
  const [head, ...lines] = await linesOf(text, delimiter);
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  const columns = { start: firstOf(names, ['start', 'date']), value: firstOf(names, ['value']) };
  if (columns.start < 0 || columns.value < 0)
    throw refused(
      'REQUIRED',
      `line ${head?.line ?? 1}: needs the columns start (or date) and value, and has ${JSON.stringify(names.join(delimiter).slice(0, 100))}`,
    );
  const place: PlaceOf = (index, member) => ({
    path: 'csv',
    said: `line ${lines[index]?.line ?? 0}, column ${columns[member] + 1} (${names[columns[member]] ?? ''}): `,
  });
  const widths = lines
    .filter(({ cells }) => cells.length !== names.length)
    .map(({ cells, line }) => `line ${line}: has ${columnCount(cells.length)}, the first line has ${names.length}`);
  if (widths.length > 0)
    throw new InvalidQuery(widths.slice(0, MAX_PROBLEMS).map((message) => problem('INVALID_CSV', message)));
  const cells = lines.map(({ cells: all }) => ({
    start: all[columns.start] ?? '',
    value: (all[columns.value] ?? '').trim(),
  }));
  const decimal =
    format.decimal ??
    decimalOf(
      cells.map(({ value }) => value),
      delimiter,
    );
  const problems: QueryProblem[] = [];
  const rows = cells.map(({ start, value }, index): AskedBatchRow => {
    const read = numberText(value, decimal);
    if (read !== undefined) return { start, value: read };
    const { said = '' } = place(index, 'value');
    const expected = `a number with a decimal ${decimal.toLowerCase()} and without separators of thousands`;
    problems.push(problem('WRONG_TYPE', `${said}${JSON.stringify(value.slice(0, 60))} is not ${expected}`));
    return { start, value: null };
  });
  return { rows, place, problems: problems.slice(0, MAX_PROBLEMS) };
}

function problem(code: string, message: string): QueryProblem {
  return { path: 'csv', code, message };
}

function refused(code: string, message: string): InvalidQuery {
  return new InvalidQuery([problem(code, message)]);
}

function columnCount(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`;
}

function firstOf(names: readonly string[], wanted: readonly string[]): number {
  return names.findIndex((name) => wanted.includes(name));
}

/** The first non-empty line, without quoted text. */
function firstLine(text: string): string {
  return (/[^\r\n\uFEFF][^\r\n]*/.exec(text)?.[0] ?? '').replaceAll(/"[^"]*"/g, '');
}

/** The column separator of a file, from its first line. @throws InvalidQuery where it is ambiguous */
export function delimiterOf(line: string): string {
  const found = Object.entries(CSV_DELIMITERS).filter(([, mark]) => line.includes(mark));
  if (found.length > 1)
    throw refused(
      'AMBIGUOUS',
      `line 1: ${found.map(([name]) => name.toLowerCase()).join(' and ')} may separate its columns; say which: delimiter ${found.map(([name]) => name).join(' or ')}`,
    );
  return found[0]?.[1] ?? CSV_DELIMITERS.COMMA;
}

/** Three digits after one mark may be thousands as well as decimals. */
const MAYBE_THOUSANDS = /^-?\d{1,3}[.,]\d{3}$/;

/** The decimal mark of a file with this column separator. @throws InvalidQuery where it is ambiguous */
export function decimalOf(values: readonly string[], delimiter: string): CsvDecimal {
  const marked = values.filter((value) => /[.,]/.test(value));
  const [points, commas] = [marked.some((value) => value.includes('.')), marked.some((value) => value.includes(','))];
  // Where commas separate columns, a comma within a number is a mistake in that number.
  if (delimiter === CSV_DELIMITERS.COMMA || marked.length === 0) return 'POINT';
  if (points && commas)
    throw refused(
      'AMBIGUOUS',
      'has numbers with a comma and numbers with a point; say which begins decimals: decimal COMMA or POINT',
    );
  if (marked.every((value) => MAYBE_THOUSANDS.test(value)))
    throw refused(
      'AMBIGUOUS',
      `${JSON.stringify(marked[0])} may be ${(marked[0] ?? '').replace(/[.,]/, '')} as well as ${(marked[0] ?? '').replace(',', '.')}; say what begins decimals: decimal COMMA or POINT`,
    );
  return commas ? 'COMMA' : 'POINT';
}

/** A number in JSON's notation; `undefined` where it is not a number. An empty cell stays empty. */
function numberText(value: string, decimal: CsvDecimal): string | undefined {
  if (value === '') return value;
  const pattern = decimal === 'COMMA' ? /^-?\d{1,30}(,\d{1,20})?$/ : /^-?\d{1,30}(\.\d{1,20})?$/;
  return pattern.test(value) ? value.replace(',', '.') : undefined;
}

/** One more than the allowed rows, so that an excess is noticed. */
async function linesOf(text: string, delimiter: string): Promise<Line[]> {
  const lines: Line[] = [];
  const parser = Readable.from(piecesOf(text)).pipe(
    parse({ delimiter, skip_empty_lines: true, trim: true, bom: true, relax_column_count: true, info: true }),
  );
  try {
    for await (const record of parser) {
      lines.push(lineOf(record));
      if (lines.length > MAX_BATCH_ROWS + 1) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw refused('INVALID_CSV', `line ${lineIn(error)}: ${FAULTS[error.code] ?? 'cannot be read as CSV'}`);
  }
  return lines;
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a text in quotation marks has no end',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a quotation mark that ends a text',
  INVALID_OPENING_QUOTE: 'a quotation mark stands within a text that has none around it',
};

function lineIn(error: CsvError): string {
  return 'lines' in error && typeof error.lines === 'number' ? String(error.lines) : '?';
}

function lineOf(record: unknown): Line {
  const { record: cells, info }: { record?: unknown; info?: unknown } =
    typeof record === 'object' && record !== null ? record : {};
  const line = typeof info === 'object' && info !== null && 'lines' in info ? Number(info.lines) : 0;
  return { cells: Array.isArray(cells) ? cells.map(String) : [], line };
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += PIECE_LENGTH) {
    yield text.slice(from, from + PIECE_LENGTH);
    await setImmediate();
  }
}
