import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/**
 * A file of frames: length, CRC-32, payload (both numbers 32 bits, little-endian). A payload is a length, that much
 * JSON, and bytes that belong to it. Whatever was torn off, flipped or half written shows as a frame that does not fit.
 */
export interface Frame {
  json: unknown;
  /** Good until the next frame is read. */
  bytes: Buffer;
  /** Where the frame ends in its file. */
  end: number;
}

const HEADER_BYTES = 8;
const LENGTH_BYTES = 4;
const READ_BYTES = 256 << 10;

/** Writes a frame; into `scratch` where it fits, for those who write many and keep none. */
export function encodeFrame(json: unknown, bodies: readonly Uint8Array[] = [], scratch?: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(json), 'utf8');
  let length = LENGTH_BYTES + text.length;
  for (const body of bodies) length += body.length;
  const size = HEADER_BYTES + length;
  const frame = scratch && scratch.length >= size ? scratch.subarray(0, size) : Buffer.allocUnsafe(size);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(text.length, HEADER_BYTES);
  let offset = HEADER_BYTES + LENGTH_BYTES + text.copy(frame, HEADER_BYTES + LENGTH_BYTES);
  for (const body of bodies) {
    frame.set(body, offset);
    offset += body.length;
  }
  frame.writeUInt32LE(crc32(frame.subarray(HEADER_BYTES)), 4);
  return frame;
}

/**
 * Reads the frames of a file one by one and ends at its end, or before the first frame that is not whole. The caller
 * compares the last frame's `end` with the file's size.
 */
export async function* readFrames(file: FileHandle): AsyncIterable<Frame> {
  const { size } = await file.stat();
  const reader = new BufferedReader(file);
  let start = 0;
  while (start + HEADER_BYTES + LENGTH_BYTES <= size) {
    const header = await reader.read(start, HEADER_BYTES);
    const length = header.readUInt32LE(0);
    const checksum = header.readUInt32LE(4);
    const end = start + HEADER_BYTES + length;
    if (length < LENGTH_BYTES || end > size) return;
    const payload = await reader.read(start + HEADER_BYTES, length);
    if (crc32(payload) !== checksum) return;
    const frame = parsePayload(payload, end);
    if (!frame) return;
    yield frame;
    start = end;
  }
}

function parsePayload(payload: Buffer, end: number): Frame | undefined {
  const jsonEnd = LENGTH_BYTES + payload.readUInt32LE(0);
  if (jsonEnd > payload.length) return undefined;
  return { json: JSON.parse(payload.toString('utf8', LENGTH_BYTES, jsonEnd)), bytes: payload.subarray(jsonEnd), end };
}

/** Reads a file in large pieces into one buffer, and gives out small ones that are good until the next call. */
class BufferedReader {
  private buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  private start = 0;
  private length = 0;

  constructor(private readonly file: FileHandle) {}

  async read(position: number, length: number): Promise<Buffer> {
    if (position < this.start || position + length > this.start + this.length) {
      if (length > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await this.file.read(this.buffer, 0, this.buffer.length, position);
      if (bytesRead < length) throw new Error('the file became shorter while it was read');
      this.start = position;
      this.length = bytesRead;
    }
    return this.buffer.subarray(position - this.start, position - this.start + length);
  }
}
