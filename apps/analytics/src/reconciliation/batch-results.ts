import { Big } from 'big.js';
import { DateTime } from 'luxon';
import { parseInstant } from '@paddock/contracts';
import { bucketAt, type Grain, textLiteral } from '@paddock/metrics';
import { inPortions } from '@paddock/runtime';
import { locate } from '@paddock/time-zones';
import type { Interval } from '../queries/interval.js';
import { InvalidQuery, type QueryProblem } from '../queries/query-problems.js';
import type { Engine } from '../store/engine.js';
import { lines } from '../store/store.js';
import type { BatchFigure } from './compare.js';
import { type Split, splitOf, splitText, WHOLE } from './split.js';
import { addSplitColumn } from './split-column.js';

/** The figure of an old batch for one window. */
export interface BatchRow extends Interval, BatchFigure {
  /** When the batch ran; it contains no later event. */
  takenAt: number;
  /** The part of the metric that the figure covers. */
  split: Split;
}

/** A row, not yet validated. */
export interface AskedBatchRow {
  /** A date `2026-11-19` or local date-time of the zone, or an instant with an offset. */
  start: string;
  /** A decimal number; `null` or blank for no value. */
  value: string | null;
  /** Of a row of a table with columns of dimensions. */
  split?: Split;
}

export const MAX_BATCH_ROWS = 20_000;
/** Rows processed before other requests get their turn. */
const ROWS_AT_ONCE = 500;
const TABLE =
  'CREATE TABLE IF NOT EXISTS batch_results (metric String, source String, start UInt64, end UInt64, value String, taken UInt64, imported UInt64, split String) ENGINE = ReplacingMergeTree(imported) ORDER BY (metric, source, start, end, split)';

/** Results of the batches that metrics replace. */
export class BatchResults {
  private constructor(private readonly engine: Engine) {}

  static async open(engine: Engine): Promise<BatchResults> {
    await engine.run(TABLE);
    await addSplitColumn(engine, 'batch_results', ['metric', 'source', 'start', 'end']);
    return new BatchResults(engine);
  }

  async store(metric: string, source: string, rows: readonly BatchRow[], now: number): Promise<void> {
    await this.engine.insert(
      'batch_results',
      ['metric', 'source', 'start', 'end', 'value', 'taken', 'imported', 'split'],
      lines(
        rows.map(({ start, end, value, digits, takenAt, split }) => [
          metric,
          source,
          start,
          end,
          value?.toFixed(digits) ?? '',
          takenAt,
          now,
          splitText(split),
        ]),
      ),
    );
  }

  async rows(metric: string, source: string): Promise<BatchRow[]> {
    const rows = await this.engine.select(
      `SELECT start, end, value, taken, split FROM batch_results FINAL WHERE metric = ${textLiteral(metric)} AND source = ${textLiteral(source)} ORDER BY start`,
    );
    return rows.map((row) => ({
      start: Number(row['start']),
      end: Number(row['end']),
      ...figureOf(String(row['value'])),
      takenAt: Number(row['taken']),
      split: splitOf(String(row['split'])),
    }));
  }

  /** Names of the imports of a metric. */
  async sources(metric: string): Promise<string[]> {
    return (
      await this.engine.select(
        `SELECT DISTINCT source FROM batch_results WHERE metric = ${textLiteral(metric)} ORDER BY source`,
      )
    ).map(({ source }) => String(source));
  }
}

function figureOf(text: string): BatchFigure {
  const digits = text.trim();
  return digits === ''
    ? { value: null, digits: 0 }
    : { value: new Big(digits), digits: (digits.split('.')[1] ?? '').length };
}

const START = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;
const VALUE = /^\s*(-?\d{1,30}(\.\d{1,20})?)?\s*$/;

/** The names of starts and values in the source: columns of a table, or members of a list. */
export type PlaceOf = (index: number, member: 'start' | 'value') => { path: string; said?: string };

const IN_A_LIST: PlaceOf = (index, member) => ({ path: `rows[${index}].${member}` });

/**
 * Reads rows: each start is the start of a bucket of the grain, on the calendar of the zone.
 * @param found mistakes that were found while reading the rows
 * @throws InvalidQuery with every mistake
 */
export async function readBatchRows(
  asked: readonly AskedBatchRow[],
  { grain, timeZone, takenAt, place = IN_A_LIST }: { grain: Grain; timeZone: string; takenAt: number; place?: PlaceOf },
  found: readonly QueryProblem[] = [],
): Promise<BatchRow[]> {
  const problems = [...found];
  if (asked.length === 0 || asked.length > MAX_BATCH_ROWS)
    problems.push({
      path: 'rows',
      code: 'TOO_MANY',
      message: `must have 1 to ${MAX_BATCH_ROWS} rows, not ${asked.length}`,
    });
  const seen = new Set<string>();
  const read = ({ start, value: given, split = WHOLE }: AskedBatchRow, index: number): BatchRow[] => {
    const value = given ?? '';
    const wrong = (member: 'start' | 'value', code: string, message: string): void => {
      const { path, said = '' } = place(index, member);
      problems.push({ path, code, message: `${said}${message}` });
    };
    const at = START.test(start) ? instantOf(start, timeZone) : NaN;
    const key = `${at} ${splitText(split)}`;
    if (Number.isNaN(at) || bucketAt(at, grain, timeZone).start !== at)
      wrong(
        'start',
        'INVALID_DATE',
        `${JSON.stringify(start.slice(0, 60))} is not the start of a ${grain} in ${timeZone}`,
      );
    else if (seen.has(key)) wrong('start', 'DUPLICATE', `${start} stands twice`);
    if (!VALUE.test(value)) wrong('value', 'WRONG_TYPE', `${JSON.stringify(value.slice(0, 60))} is no decimal number`);
    if (Number.isNaN(at) || !VALUE.test(value)) return [];
    seen.add(key);
    return [{ start: at, end: bucketAt(at, grain, timeZone).end, ...figureOf(value), takenAt, split }];
  };
  const rows: BatchRow[] = [];
  await inPortions(asked.slice(0, MAX_BATCH_ROWS).entries(), ROWS_AT_ONCE, (portion) =>
    portion.forEach(([index, row]) => rows.push(...read(row, index))),
  );
  if (problems.length > 0) throw new InvalidQuery(problems.slice(0, 100));
  return rows;
}

function instantOf(text: string, timeZone: string): number {
  if (/(Z|[+-]\d{2}:\d{2})$/i.test(text) && text.length > 10) return parseInstant(text.replace(' ', 'T')) ?? NaN;
  const wall = DateTime.fromISO(text.replace(' ', 'T'), { zone: 'utc' }).toMillis();
  return Number.isNaN(wall) ? NaN : locate(wall, timeZone).instant;
}
