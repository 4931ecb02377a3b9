/** The canonical form of a question, so that equal questions are recognized. */
export interface CanonicalTarget {
  /** Begins with `/`; percent-encoded in one way. */
  readonly path: string;
  /** Sorted by name, without `?`; empty where nothing is left. */
  readonly query: string;
}

/** The URL cannot be requested; `message` says why and may be shown to its sender. */
export class RefusedUrl extends Error {
  constructor(
    readonly field: 'path' | 'query',
    message: string,
  ) {
    super(message);
  }
}

/** Names under which clients send secrets to APIs: never part of a canonical URL, and never sent on. Compared in lower case. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'apikey',
  'api_key',
  'api-key',
  'appkey',
  'app_key',
  'app-key',
  'access_token',
  'auth_token',
  'token',
  'authorization',
  'password',
  'secret',
  'client_secret',
  'signature',
]);

const MAX_PARAMETERS = 100;

/**
 * Writes a path and query in the one canonical way: percent-encoding normalised, parameters sorted by name (those of one
 * name keep their order, which may matter to the upstream), volatile ones and credentials left out.
 * @param volatileParameters lower-case names
 * @throws RefusedUrl for what could leave the path that it is put below, in any reading: `..`, `%2e%2e`, `%252e`, `%2f`, `..;`
 */
export function canonicalTarget(path: string, query: string, volatileParameters: ReadonlySet<string>): CanonicalTarget {
  return { path: canonicalPath(path), query: canonicalQuery(query, volatileParameters) };
}

function canonicalPath(path: string): string {
  const segments = path.replace(/^\//, '').split('/');
  return `/${segments.map((segment, at) => canonicalSegment(segment, at === segments.length - 1)).join('/')}`;
}

function canonicalSegment(segment: string, last: boolean): string {
  const plain = decode(segment, 'path');
  if (plain === '' && !last) throw new RefusedUrl('path', 'has an empty segment');
  const [name] = plain.split(';');
  if (name === '.' || name === '..') throw new RefusedUrl('path', 'must not lead upwards');
  // What a server behind a server might decode once more.
  if (/%(?:2e|2f|5c|25|00)/i.test(plain) || /[/\\]/.test(plain))
    throw new RefusedUrl('path', 'must not hide / \\ or . in percent-encoding');
  if (/\p{Cc}/u.test(plain)) throw new RefusedUrl('path', 'must hold no control characters');
  return encodeURIComponent(plain).replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

function canonicalQuery(query: string, volatileParameters: ReadonlySet<string>): string {
  const pairs: { name: string; text: string }[] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(plus(equals < 0 ? pair : pair.slice(0, equals)), 'query');
    const value = equals < 0 ? '' : decode(plus(pair.slice(equals + 1)), 'query');
    const lower = name.toLowerCase();
    if (CREDENTIALS.has(lower) || volatileParameters.has(lower)) continue;
    if (pairs.length === MAX_PARAMETERS) throw new RefusedUrl('query', `has more than ${MAX_PARAMETERS} parameters`);
    pairs.push({ name, text: `${encodeURIComponent(name)}=${encodeURIComponent(value)}` });
  }
  pairs.sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
  return pairs.map(({ text }) => text).join('&');
}

const plus = (text: string): string => text.replaceAll('+', ' ');

function decode(text: string, field: 'path' | 'query'): string {
  try {
    const plain = text.includes('%') ? decodeURIComponent(text) : text;
    if (plain.isWellFormed()) return plain;
  } catch {
    // Refused below.
  }
  throw new RefusedUrl(field, 'has an invalid percent-encoding');
}

/**
 * The canonical form of a whole URL as an access log has it; `undefined` for what no proxy could ask for.
 * Hosts are compared in lower case, default ports left out.
 */
export function canonicalUrl(url: string, volatileParameters: ReadonlySet<string>): string | undefined {
  const [, origin = '', path = '', query = ''] = /^(https?:\/\/[^/?#]+)([^?#]*)\??([^#]*)/i.exec(url) ?? [];
  if (origin === '' || !URL.canParse(origin)) return undefined;
  try {
    const target = canonicalTarget(path, query, volatileParameters);
    return `${new URL(origin).origin}${target.path}${target.query === '' ? '' : `?${target.query}`}`;
  } catch (error) {
    if (error instanceof RefusedUrl) return undefined;
    throw error;
  }
}
