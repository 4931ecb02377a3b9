import type { Chunk } from '../log/chunk.js';
import type { RowKeys } from './row-keys.js';

/** A row that may repeat an id, parsed in full. */
export interface Suspect {
  row: number;
  id: string;
  /** Milliseconds. */
  time: number;
}

/** Reads the ids and times of some rows. A row that is not an event is left to the store, which refuses it alone. */
export function readSuspects({ rows }: Chunk, { starts }: RowKeys, which: Iterable<number>): Suspect[] {
  const suspects: Suspect[] = [];
  for (const row of which) {
    const [id, time] = valuesOf(rows.toString('utf8', starts[row], (starts[row + 1] ?? 0) - 1));
    if (typeof id === 'string' && typeof time === 'number') suspects.push({ row, id, time });
  }
  return suspects;
}

/** The chunk with those of its rows that are wanted. Its newest time stays, because the events left out did arrive. */
export function someRows(chunk: Chunk, { starts, minutes, count }: RowKeys, wanted: (row: number) => boolean): Chunk {
  const parts: Buffer[] = [];
  const windows = new Set<number>();
  for (let row = 0; row < count; row += 1) {
    if (!wanted(row)) continue;
    if (parts.length > 0) parts.push(NEWLINE);
    parts.push(chunk.rows.subarray(starts[row], (starts[row + 1] ?? 0) - 1));
    windows.add(minutes[row] ?? 0);
  }
  const kept = chunk.minutes.filter((minute) => windows.has(minute));
  return { ...chunk, count: Math.ceil(parts.length / 2), minutes: kept, rows: Buffer.concat(parts) };
}

const NEWLINE = Buffer.from('\n');

function valuesOf(text: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}
