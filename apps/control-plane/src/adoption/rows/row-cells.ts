import type { Row } from '../mapping/compiled-mapping.js';

/** Cells as JSON, byte for byte: hexadecimal digits, `null` for NULL. */
export function packCells(cells: Row): string {
  return JSON.stringify(cells.map((cell) => cell?.toString('hex') ?? null));
}

/** The inverse of {@link packCells}. */
export function unpackCells(packed: string): Row {
  const cells: (string | null)[] = JSON.parse(packed);
  return cells.map((cell) => (cell === null ? null : Buffer.from(cell, 'hex')));
}
