import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import bunzip2 from 'unbzip2-stream';

/** The lines of a recorded stream, plain or packed with gzip or bzip2, whatever its name says. @throws when it cannot be read or unpacked */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const input = unpacked(path, await firstBytes(path));
  const lines = createInterface({ input, crlfDelay: Infinity });
  let failure: Error | undefined;
  // readline does not pass its input's errors on: it merely ends.
  input.once('error', (error: Error) => {
    failure = error;
    lines.close();
  });
  for await (const line of lines) if (line !== '') yield line;
  if (failure) throw failure;
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unpacked(path: string, magic: Buffer): Readable {
  const file = createReadStream(path);
  if (magic.toString('latin1') === 'BZh') return through(file, bunzip2());
  if (magic[0] === 0x1f && magic[1] === 0x8b) return through(file, createGunzip());
  return file;
}

function through(file: Readable, unpack: NodeJS.ReadWriteStream): Readable {
  const output = new PassThrough();
  pipeline(file, unpack, output, () => undefined);
  return output;
}
