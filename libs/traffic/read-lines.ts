import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A longer line is given up: it can be no line of a log. */
const MAX_LINE = 1 << 20;

/** The lines of a text, plain or gzip (which is seen by its first bytes), in bounded memory. Empty lines are left out. */
export async function* readLines(source: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of unpacked(source)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // The rest of a line that was given up comes out as a line of its own, which is unreadable.
    if (rest.length > MAX_LINE) rest = '';
    for (const line of lines) if (line.trim() !== '') yield line.trim();
  }
  if (rest.trim() !== '') yield rest.trim();
}

async function* unpacked(source: Readable): AsyncGenerator<string> {
  const chunks: AsyncIterator<unknown> = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = bytesOf(first.value, chunks);
  const head = bufferOf(first.value);
  const decoder = new TextDecoder();
  // A gunzip that breaks off ends the reading with its error.
  const plain: AsyncIterable<unknown> =
    head[0] === 0x1f && head[1] === 0x8b ? pipeline(whole, createGunzip(), () => undefined) : whole;
  for await (const chunk of plain) yield decoder.decode(bufferOf(chunk), { stream: true });
}

async function* bytesOf(first: unknown, rest: AsyncIterator<unknown>): AsyncGenerator<Buffer> {
  yield bufferOf(first);
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield bufferOf(next.value);
}

function bufferOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}
