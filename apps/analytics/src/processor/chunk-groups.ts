import type { Chunk } from '../log/chunk.js';

/** Rows of one event with the same columns. */
export interface ChunkGroup {
  event: string;
  columns: readonly string[];
  rows: Buffer[];
}

/** Few large inserts instead of many small ones. */
export function groupChunks(chunks: readonly Chunk[]): ChunkGroup[] {
  const groups = new Map<string, ChunkGroup>();
  for (const { event, columns, rows, count } of chunks) {
    if (count === 0) continue;
    const key = `${event} ${columns.join()}`;
    const group = groups.get(key) ?? { event, columns, rows: [] };
    groups.set(key, group);
    group.rows.push(rows);
  }
  return [...groups.values()];
}

/** Rows of several chunks, one per line. */
export function joinRows(rows: readonly Buffer[]): Buffer {
  const newline = Buffer.from('\n');
  return Buffer.concat(rows.flatMap((chunk, index) => (index === 0 ? [chunk] : [newline, chunk])));
}
