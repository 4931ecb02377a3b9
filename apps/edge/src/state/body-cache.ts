import { LRUCache } from 'lru-cache';
import type { Blob } from './blob-arena.js';
import { type DecodedBody, decodeBody } from './decode-body.js';

/**
 * Decodes bodies on demand and keeps the newest few: decoded, a body takes several times its bytes, and most documents
 * are rarely read.
 */
export class BodyCache {
  private readonly decoded = new LRUCache<Blob, DecodedBody>({ max: 2_000 });

  /** @throws ShapeError, SyntaxError */
  decode = (kind: string, blob: Blob): DecodedBody => {
    const known = this.decoded.get(blob);
    // Two kinds may have equal bytes.
    if (known?.kind === kind) return known;
    const decoded = decodeBody(kind, blob.bytes());
    if (decoded.kind !== 'other') this.decoded.set(blob, decoded);
    return decoded;
  };
}
