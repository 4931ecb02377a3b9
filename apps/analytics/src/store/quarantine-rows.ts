import { createHash } from 'node:crypto';
import type { Refused } from './store.js';

export const QUARANTINE_COLUMNS = [
  'id',
  'received',
  'producer',
  'event',
  'contract',
  'code',
  'message',
  'original',
  'state',
  'changed',
  'format',
  'skew',
  'bot',
] as const;

/** A refused event as a row of the quarantine. */
export function refusedRow({
  id,
  receivedAt,
  producer,
  event,
  contract,
  code,
  message,
  original,
  format,
  skewMs,
  bot,
}: Refused): unknown[] {
  return [
    id,
    receivedAt,
    producer,
    event,
    contract,
    code,
    message,
    original,
    'OPEN',
    receivedAt,
    format,
    skewMs / 1_000,
    bot,
  ];
}

/** A row that was accepted and could not be stored. */
export interface UnstoredRow {
  event: string;
  columns: readonly string[];
  row: string;
  code: string;
  message: string;
  receivedAt: number;
}

/** Such a row as a quarantine row. Its id is a hash of its content, so that a repetition does not double it. */
export function quarantineRow({ event, columns, row, code, message, receivedAt }: UnstoredRow): unknown[] {
  const id = createHash('sha256').update(event).update(row).digest('hex').slice(0, 32);
  const values: unknown = JSON.parse(row);
  const named: Readonly<Record<string, unknown>> = Object.fromEntries(
    Array.isArray(values) ? columns.map((column, index) => [column, values[index]]) : [],
  );
  const text = (column: string): string => (typeof named[column] === 'string' ? named[column] : '');
  const skewMs = typeof named['_skew'] === 'number' ? named['_skew'] * 1_000 : 0;
  return refusedRow({
    id,
    receivedAt,
    producer: text('_producer'),
    event,
    contract: text('_contract'),
    code,
    message,
    original: JSON.stringify(named),
    format: 'row',
    skewMs,
    bot: named['_bot'] === true,
  });
}
