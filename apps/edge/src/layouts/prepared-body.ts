import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Encoding } from '@paddock/runtime';

/** The bytes of one representation, and the strong entity tag that is theirs alone. */
export interface Representation {
  bytes: Buffer;
  etag: string;
  /** `undefined` where the bytes are as they are: asked to compress what does not shrink, it stays. */
  encoding: 'gzip' | 'br' | undefined;
}

/** Below this, compressing costs more than it saves. */
const MIN_COMPRESSED_BYTES = 512;

/** A body and its representations, each made once, when it is first asked for. */
export class PreparedBody {
  private readonly representations = new Map<Encoding, Representation>();
  readonly size: number;

  constructor(json: string) {
    const bytes = Buffer.from(json, 'utf8');
    this.size = bytes.length;
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
    this.representations.set('identity', { bytes, etag: `"${hash}"`, encoding: undefined });
  }

  get identity(): Representation {
    return this.as('identity');
  }

  as(encoding: Encoding): Representation {
    return this.representations.get(encoding) ?? this.compress(encoding);
  }

  private compress(encoding: Encoding): Representation {
    const identity = this.as('identity');
    let made = identity;
    if (encoding !== 'identity' && identity.bytes.length >= MIN_COMPRESSED_BYTES) {
      const bytes = encoding === 'br' ? brotli(identity.bytes) : gzipSync(identity.bytes, { level: 6 });
      const etag = `${identity.etag.slice(0, -1)}-${encoding}"`;
      if (bytes.length < identity.bytes.length) made = { bytes, etag, encoding };
    }
    this.representations.set(encoding, made);
    return made;
  }
}

function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
