import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { OutboundError } from './outbound-error.js';

const DECODERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What {@link OutboundResponse.read} can unpack, as it is asked for. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** The head of an answer. Its body must be read or discarded. */
export class OutboundResponse {
  constructor(
    private readonly message: IncomingMessage,
    /** Translates an error of the connection. */
    private readonly explain: (error: unknown) => unknown,
  ) {}

  get status(): number {
    return this.message.statusCode ?? 0;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): IncomingHttpHeaders {
    return this.message.headers;
  }

  /**
   * The body, unpacked; neither as it came nor unpacked is it longer than `maxBytes`.
   * @throws OutboundError; the reason of the request's signal where that is what ended it
   */
  async read(maxBytes: number): Promise<Buffer> {
    try {
      if (Number(this.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
      return await gathered(this.unpacked(maxBytes), maxBytes);
    } catch (error) {
      throw error instanceof OutboundError ? error : this.explain(error);
    } finally {
      this.discard();
    }
  }

  /** Ends the answer: read to its end, its connection can be used again; otherwise it is closed. */
  discard(): void {
    if (this.message.complete) this.message.resume();
    else this.message.destroy();
  }

  private unpacked(maxBytes: number): Readable {
    const coding = (this.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (coding === 'identity' || coding === '') return this.message;
    const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding]?.() : undefined;
    if (!decoder)
      throw new OutboundError('RESPONSE_UNREADABLE', 'the answer is packed in a way that was not asked for');
    let bytes = 0;
    // Packed bytes that unpack to nothing would never reach the limit below.
    this.message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) decoder.destroy(tooLarge(maxBytes));
    });
    pipeline(this.message, decoder, () => undefined);
    return decoder;
  }
}

async function gathered(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): OutboundError {
  return new OutboundError('RESPONSE_TOO_LARGE', `the answer has more than ${maxBytes} bytes`);
}
