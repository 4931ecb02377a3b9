import { hash } from 'node:crypto';
import type { AdoptedColumn, Row } from '../mapping/compiled-mapping.js';
import { cellSql, columnSql } from './sql.js';

const NULL = Buffer.from('N,');
const COMMA = Buffer.from(',');

/**
 * The SHA-256 of some cells of a row, byte for byte as they are stored: each one as a netstring (`5:hello,`), NULL as
 * `N,`, so that no two rows have the same text to hash. The server computes the same with {@link rowHashSql}: a scan
 * fetches hashes instead of rows, and a write is guarded by one comparison within its own statement.
 */
export function rowHash(cells: Row): string {
  const parts = cells.flatMap((cell) => (cell === null ? [NULL] : [Buffer.from(`${cell.length}:`), cell, COMMA]));
  return hash('sha256', Buffer.concat(parts));
}

/** The same as SQL. It is NULL where a row is larger than the server's `max_allowed_packet`. */
export function rowHashSql(columns: readonly AdoptedColumn[]): string {
  const parts = columns.map((column) => {
    const bytes = cellSql(columnSql(column), column.schema);
    return `IFNULL(CONCAT(LENGTH(${bytes}), ':', ${bytes}, ','), 'N,')`;
  });
  return `SHA2(CONCAT(${parts.join(', ')}), 256)`;
}
