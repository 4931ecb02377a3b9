import { WINDOW_MS } from '../store/store.js';
import { writeIdHash } from './id-hash.js';

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
const OPEN = 91;
const BACKSLASH = 92;

/** The minute of a row with an unexpected beginning; the store decides about such a row. */
export const NO_MINUTE = 2 ** 32 - 1;

/**
 * What identifies the rows of a chunk, read from their bytes. Rows begin with `["id",time,`; nothing else is parsed,
 * because that would cost more than all later steps.
 */
export interface RowKeys {
  count: number;
  /** The offset of each row, and one more entry: the end of the last row. */
  starts: Uint32Array;
  /** The two halves of each id's hash. */
  hashes: Uint32Array;
  /** The minute that each row claims, or {@link NO_MINUTE}. */
  minutes: Uint32Array;
}

/** Reads the keys of rows; `expected` is about how many there are. */
export function rowKeys(rows: Buffer, expected: number): RowKeys {
  const keys = emptyKeys(expected);
  if (rows.length === 0) return keys;
  let start = 0;
  while (start < rows.length) {
    if (keys.count >= keys.minutes.length) widen(keys);
    keys.starts[keys.count] = start;
    const timeAt = readId(rows, start, keys);
    keys.minutes[keys.count] = timeAt === -1 ? NO_MINUTE : readMinute(rows, timeAt);
    keys.count += 1;
    const newline = rows.indexOf(NEWLINE, timeAt === -1 ? start : timeAt);
    start = newline === -1 ? rows.length + 1 : newline + 1;
  }
  keys.starts[keys.count] = rows.length + 1;
  return keys;
}

/** Hashes the id of the row at `start`. @returns where its time begins, or -1 */
function readId(rows: Buffer, start: number, { hashes, count }: RowKeys): number {
  if (rows[start] !== OPEN || rows[start + 1] !== QUOTE) return -1;
  let end = start + 2;
  for (; end < rows.length && rows[end] !== QUOTE; end += 1) {
    if (rows[end] === NEWLINE) return -1;
    if (rows[end] === BACKSLASH) end += 1;
  }
  if (rows[end] !== QUOTE || rows[end + 1] !== COMMA) return -1;
  writeIdHash(rows, start + 2, end, hashes, count);
  return end + 2;
}

function readMinute(rows: Buffer, at: number): number {
  let time = 0;
  let index = at;
  for (let digit = rows[index] ?? 0; digit >= ZERO && digit <= NINE; digit = rows[index] ?? 0) {
    time = time * 10 + digit - ZERO;
    index += 1;
  }
  return rows[index] === COMMA && index > at ? Math.floor(time / WINDOW_MS) : NO_MINUTE;
}

function emptyKeys(capacity: number): RowKeys {
  return {
    count: 0,
    starts: new Uint32Array(capacity + 1),
    hashes: new Uint32Array(2 * capacity),
    minutes: new Uint32Array(capacity),
  };
}

function widen(keys: RowKeys): void {
  const wider = emptyKeys(2 * keys.count + 16);
  wider.starts.set(keys.starts);
  wider.hashes.set(keys.hashes);
  wider.minutes.set(keys.minutes);
  keys.starts = wider.starts;
  keys.hashes = wider.hashes;
  keys.minutes = wider.minutes;
}
