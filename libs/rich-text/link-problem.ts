/** How long the address of a link or image may be. */
export const MAX_URL_LENGTH = 2_000;

/**
 * Says what is wrong with the address of a link or image, or `undefined` where it is safe to put into a page. Safe are
 * `https://host…` and paths on the own site (`/x`, `x/y`, `?q`, `#part`). This is a list of what is allowed, because
 * browsers read addresses generously: they skip tabs and line feeds within `java\tscript:`, take `\` for `/`, and templates may
 * decode `javascript&colon;` or `javascript%3A` before a browser sees it.
 */
export function linkProblem(url: string): string | undefined {
  if (url === '') return 'the address is empty';
  if (url.length > MAX_URL_LENGTH)
    return `the address has ${url.length} characters, at most ${MAX_URL_LENGTH} are allowed`;
  const hidden = UNSAFE_CHARACTER.exec(url);
  if (hidden) return `the address contains ${describe(hidden[0])}, which must be percent-encoded or left out`;
  return /^https:/i.test(url) ? absoluteProblem(url) : relativeProblem(url);
}

/** White space, control and invisible characters, halves of surrogate pairs, and what would end an HTML attribute. */
const UNSAFE_CHARACTER = /[\s\p{Cc}\p{Cf}\p{Cs}\p{Z}\\<>"`{}|^]/u;

function describe(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /[\s\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u.test(character) ? `the character U+${code}` : character;
}

function absoluteProblem(url: string): string | undefined {
  // `https:host` and `https:///host` mean https://host to a browser, but something else to many a parser.
  if (!/^https:\/\/[^/?#]/i.test(url) || !URL.canParse(url)) return 'the address is not a valid https:// URL';
  const { username, password } = new URL(url);
  if (username || password || /^https:\/\/[^/?#]*@/i.test(url))
    return 'the address contains a user name, which hides the host; leave it out';
  return undefined;
}

const ONLY = 'only https:// addresses and paths such as /offers, offers/summer or #terms are allowed';

function relativeProblem(url: string): string | undefined {
  if (url.startsWith('//')) return `the address names a host without https:; ${ONLY}`;
  const [start = ''] = url.replace(/^\//, '').split(/[/?#]/, 1);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(start)?.[1];
  if (scheme) return `the scheme ${scheme.slice(0, 30)}: is not allowed; ${ONLY}`;
  if (DISGUISED.test(start)) return `the address hides a scheme or a host behind an encoded character; ${ONLY}`;
  return staysOnSite(url) ? undefined : `the address leaves the site; ${ONLY}`;
}

/** In a first path segment: a colon, a character reference, or percent-encoded `:` `/` `\` `%` or control characters. */
const DISGUISED = /[:&]|%(?:3a|2f|5c|25|[01][0-9a-f]|7f)/i;

/** The browser's own algorithm decides. It reads `/.//host` as a path, but code that joins strings makes it a host. */
function staysOnSite(url: string): boolean {
  const base = 'https://site.invalid/page/';
  if (!URL.canParse(url, base)) return false;
  const { origin, pathname } = new URL(url, base);
  return origin === 'https://site.invalid' && !pathname.startsWith('//');
}
