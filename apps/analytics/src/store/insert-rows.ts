import type { Engine } from './engine.js';

/**
 * ClickHouse's error codes for rows that it cannot read (parse, range and type errors), as opposed to failures of the
 * server.
 */
const DATA_ERRORS = new Set([6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 131, 349, 407, 467]);
const NEWLINE = 10;

/** A row that the engine refuses, and why. */
export interface PoisonedRow {
  row: string;
  reason: string;
}

/**
 * Inserts rows; those that the engine cannot read are found by halving and returned, and all others are stored.
 * Failures of the engine itself are thrown: they are temporary, and the same rows are then inserted again.
 */
export async function insertRows(
  engine: Engine,
  table: string,
  columns: readonly string[],
  rows: Buffer,
): Promise<PoisonedRow[]> {
  try {
    await engine.insert(table, columns, rows);
    return [];
  } catch (error) {
    if (!isDataError(error)) throw error;
    const middle = middleNewline(rows);
    if (middle === -1) return [{ row: rows.toString('utf8'), reason: firstLine(error) }];
    const first = await insertRows(engine, table, columns, rows.subarray(0, middle));
    return [...first, ...(await insertRows(engine, table, columns, rows.subarray(middle + 1)))];
  }
}

function middleNewline(rows: Buffer): number {
  const after = rows.indexOf(NEWLINE, rows.length >> 1);
  return after === -1 ? rows.lastIndexOf(NEWLINE, rows.length >> 1) : after;
}

function isDataError(error: unknown): boolean {
  const [, code] = /Code: (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return code !== undefined && DATA_ERRORS.has(Number(code));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
}
