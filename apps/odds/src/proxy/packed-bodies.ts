import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Encoding } from '@paddock/runtime';
import type { Answer } from './outcome.js';

/** A body in the encoding that a caller accepts, with the strong entity tag of this encoding. */
export interface Packed {
  readonly body: Buffer;
  readonly etag: string;
  /** Absent where the body is not compressed. */
  readonly encoding?: 'gzip' | 'br';
}

/** Below this, packing costs more than it saves. */
const MIN_BYTES = 512;
const PACKABLE = /^(?:text\/|image\/svg\+xml|application\/(?:json|javascript|xml|x-ndjson|[\w.-]+\+(?:json|xml)))/i;

const packers = {
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 6 }),
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
};

/**
 * Compressed forms of the bodies in memory. Each is made once, on first use, off the event loop, and is kept as long as
 * its body: also over windows in which the upstream answered that nothing had changed.
 */
export class PackedBodies {
  private readonly made = new WeakMap<Buffer, Map<Encoding, Promise<Packed>>>();

  read(answer: Answer, encoding: Encoding): Promise<Packed> {
    const { body, etag } = answer;
    if (encoding === 'identity' || !isPackable(answer)) return Promise.resolve({ body, etag });
    let forms = this.made.get(body);
    if (!forms) this.made.set(body, (forms = new Map()));
    let packed = forms.get(encoding);
    if (!packed) forms.set(encoding, (packed = pack(answer, encoding)));
    return packed;
  }
}

/** Memory that an answer's body takes, with room for its packed forms. */
export function bytesOf(answer: Answer): number {
  return answer.body.length * (isPackable(answer) ? 2 : 1);
}

function isPackable({ body, headers }: Answer): boolean {
  return body.length >= MIN_BYTES && PACKABLE.test(headers['content-type'] ?? '');
}

async function pack({ body, etag }: Answer, encoding: 'gzip' | 'br'): Promise<Packed> {
  const packed = await packers[encoding](body);
  // A body that does not shrink is sent uncompressed.
  return packed.length < body.length
    ? { body: packed, etag: `${etag.slice(0, -1)}-${encoding}"`, encoding }
    : { body, etag };
}
