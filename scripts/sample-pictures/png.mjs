import { crc32, deflateSync } from 'node:zlib';

/** PNG (W3C, third edition): 16 colours at most, four bits per pixel. */
const BIT_DEPTH = 4;
const INDEXED = 3;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Draws and encodes a picture.
 * @param {{ width: number, height: number, palette: readonly string[], colourAt: (x: number, y: number) => number }} picture
 *   `palette` holds colours as `rrggbb`; `colourAt` says which of them a point has, with x from 0 to 2.4 and y from 0 to 1
 */
export function png({ width, height, palette, colourAt }) {
  const bytesPerRow = Math.ceil(width / 2);
  const rows = Buffer.alloc(height * (bytesPerRow + 1));
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1) {
      const colour = colourAt(column / height, row / height);
      // The first byte of a row selects no filter.
      const at = row * (bytesPerRow + 1) + 1 + (column >> 1);
      rows[at] = (rows[at] ?? 0) | (column % 2 === 0 ? colour << 4 : colour);
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([BIT_DEPTH, INDEXED, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.join(''), 'hex')),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(/** @type {string} */ type, /** @type {Buffer} */ data) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
