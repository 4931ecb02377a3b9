import type { RowDataPacket } from 'mysql2/promise';
import { quoted, type SourceSession } from '@paddock/foreign-database';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { textCell } from '../mapping/transforms.js';
import type { ReleasedDocument } from './released-documents.js';
import { newKeyOf } from './row-statements.js';
import type { WrittenTable } from './written-table.js';

/** Keys of rows that do not exist yet. */
export class NewKeys {
  private last: bigint | undefined;

  constructor(private readonly table: WrittenTable) {}

  async next({ key }: ReleasedDocument): Promise<Row | { why: string }> {
    const { mapping, session } = this.table;
    const way = newKeyOf(mapping);
    if (way.by === 'NONE') return { why: way.why };
    if (way.by === 'DOCUMENT_KEY') {
      const cell = textCell(key.slice(mapping.body.documents.keyPrefix.length), way.column);
      return cell ? [cell] : { why: `${way.column.name} cannot hold the key` };
    }
    this.last = (this.last ?? (await highest(session, mapping, way.column.name))) + 1n;
    return [Buffer.from(String(this.last))];
  }
}

/** Also above rows that were deleted: the server's counter knows them. */
async function highest(session: SourceSession, { table }: CompiledMapping, column: string): Promise<bigint> {
  const [row] = await session.query<RowDataPacket & { highest: string | null }>(
    `SELECT CAST(MAX(${quoted(column)}) AS CHAR) AS highest FROM ${quoted(table.name)}`,
  );
  // By itself: a name with a question mark in it would take the place of the value.
  const [counter] = await session.query<RowDataPacket & { next: string | null }>(
    'SELECT CAST(AUTO_INCREMENT AS CHAR) AS next FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table.name],
  );
  const counted = BigInt(counter?.next ?? 1) - 1n;
  const found = BigInt(row?.highest ?? 0);
  return counted > found ? counted : found;
}
