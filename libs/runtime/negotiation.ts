/** The content coding of a body. */
export type Encoding = 'identity' | 'gzip' | 'br';

/** The codings that bodies are prepared in, the smallest first: the order of preference among equals. */
const CODINGS = ['br', 'gzip'] as const;

const remembered = new Map<string, Encoding>();
const MAX_REMEMBERED = 500;

/**
 * The best representation for an `Accept-Encoding` header (RFC 9110, 12.5.3): the highest quality, and among equals the
 * smallest. Where everything is refused the body is sent unencoded, which the RFC allows and clients prefer to a 406.
 */
export function encodingFor(header: string | undefined): Encoding {
  if (header === undefined || header === '') return 'identity';
  let encoding = remembered.get(header);
  if (encoding === undefined) {
    encoding = negotiate(header);
    // Browsers send a handful of different headers; other headers are not cached.
    if (remembered.size < MAX_REMEMBERED) remembered.set(header, encoding);
  }
  return encoding;
}

function negotiate(header: string): Encoding {
  const qualities = new Map<string, number>();
  for (const part of header.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (coding !== '') qualities.set(coding === 'x-gzip' ? 'gzip' : coding, qualityOf(parameters));
  }
  const any = qualities.get('*');
  let best: Encoding = 'identity';
  let bestQuality = qualities.get('identity') ?? 0;
  for (const coding of [...CODINGS].reverse()) {
    const quality = qualities.get(coding) ?? any ?? 0;
    if (quality > 0 && quality >= bestQuality) {
      best = coding;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [, value] = /^q\s*=\s*(\S+)$/.exec(parameter) ?? [];
    // An invalid quality refuses the coding: a body that is too large is better than an unreadable one.
    if (value !== undefined) return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0;
  }
  return 1;
}

/**
 * Does `If-None-Match` name this representation (RFC 9110, 13.1.2)? Compared weakly, as the RFC wants it: caches on the way
 * may have weakened the tag.
 */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag) return true;
  if (header.trim() === '*') return true;
  for (const [, tag] of header.matchAll(/(?:W\/)?("[^"]*")/g)) if (tag === etag) return true;
  return false;
}
