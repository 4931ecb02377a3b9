import type { Minute } from '../store/store.js';

/**
 * Events of one kind as they travel in the log: a header as one line of JSON, then a row per line, each a JSON array in
 * the order of `columns`. Rows have the format of the store, so the collector builds them once, on many processes. The
 * header keeps them readable for years, however the contract changes.
 */
export interface Chunk {
  /** `refused` rows go to the quarantine, `links` connect ids of one person. Both have no minutes. */
  kind: 'events' | 'refused' | 'links';
  /** The event's name; empty for all but events. */
  event: string;
  columns: readonly string[];
  count: number;
  /** The windows that the events fall into. */
  minutes: readonly Minute[];
  /** The newest event time. */
  newest: number;
  receivedAt: number;
  /** How far events may lie behind the watermark, in milliseconds. */
  latenessMs: number;
  /** Of repaired events: when the first of them was refused. */
  repairedSince?: number;
  rows: Buffer;
}

/** A log record that is not a chunk; it can only be reported. */
export class BadChunk extends Error {}

const NEWLINE = 10;

export function encodeChunk({ rows, ...header }: Chunk): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), rows]);
}

/** @throws BadChunk */
export function decodeChunk(value: Buffer): Chunk {
  const end = value.indexOf(NEWLINE);
  if (end === -1) throw new BadChunk('has no header');
  let header: unknown;
  try {
    header = JSON.parse(value.toString('utf8', 0, end));
  } catch {
    throw new BadChunk('has a header that is not JSON');
  }
  if (!isHeader(header)) throw new BadChunk('has an unknown header');
  return { ...header, rows: value.subarray(end + 1) };
}

const KINDS: readonly unknown[] = ['events', 'refused', 'links'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function isHeader(value: unknown): value is Omit<Chunk, 'rows'> {
  if (typeof value !== 'object' || value === null) return false;
  const {
    kind,
    event,
    columns,
    count,
    minutes,
    newest,
    receivedAt,
    latenessMs,
    repairedSince,
  }: Partial<Record<keyof Chunk, unknown>> = value;
  return (
    (repairedSince === undefined || typeof repairedSince === 'number') &&
    KINDS.includes(kind) &&
    typeof event === 'string' &&
    (kind !== 'events' || NAME.test(event)) &&
    isListOf(columns, (name) => typeof name === 'string' && NAME.test(name)) &&
    typeof count === 'number' &&
    isListOf(minutes, Number.isInteger) &&
    typeof newest === 'number' &&
    typeof receivedAt === 'number' &&
    typeof latenessMs === 'number'
  );
}

function isListOf(value: unknown, fits: (member: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}
