import type { Position } from '../event-log.js';

/** A record's place: the stream entry that holds its batch, and its gap-free number within the partition. */
export interface StreamPosition {
  readonly entry: string;
  readonly ordinal: number;
}

const FORMAT = /^(\d+-\d+)\.(\d+)$/;

export function formatPosition(entry: string, ordinal: number): Position {
  return `${entry}.${ordinal}` as Position;
}

/** @throws Error for a position of another log */
export function parsePosition(position: Position): StreamPosition {
  const [, entry, ordinal] = FORMAT.exec(position) ?? [];
  if (!entry || !ordinal) throw new Error(`${position} is no position in a stream`);
  return { entry, ordinal: Number(ordinal) };
}

/** The id just before an entry's, so that a read that begins after it begins with the entry itself. */
export function idBefore(entry: string): string {
  const [ms = '0', sequence = '0'] = entry.split('-');
  return sequence === '0' ? `${BigInt(ms) - 1n}-18446744073709551615` : `${ms}-${BigInt(sequence) - 1n}`;
}
