import { fromHtml } from 'hast-util-from-html';
import { MAX_HTML_LENGTH } from './html-cost.js';
import { htmlToMarkdown } from './html-to-markdown.js';
import { toKey } from './keys.js';
import { text, type Transform, unfit, value } from './transform.js';

const asText: Transform = {
  type: 'TEXT',
  families: ['TEXT', 'NUMBER'],
  options: ['none', 'shortCodes'],
  read: (written) => value(written),
  write: (written) => (typeof written === 'string' ? text(written) : text(String(written))),
};

const htmlText: Transform = {
  type: 'HTML_TEXT',
  families: ['TEXT'],
  options: ['none', 'shortCodes'],
  read: (written) => (written.length > MAX_HTML_LENGTH ? tooLong(written) : value(unescapeHtml(written))),
  write: (written) => text(escapeHtml(String(written))),
};

const html: Transform = {
  type: 'HTML',
  families: ['TEXT'],
  options: ['shortCodes'],
  read(written) {
    const reduced = htmlToMarkdown(written);
    if ('why' in reduced) return unfit(reduced.code, reduced.why);
    const { markdown, removed } = reduced;
    return markdown === '' ? { state: 'ABSENT', removed } : { state: 'VALUE', value: markdown, removed };
  },
};

/** Back offices escape addresses on their way into the database: `?a=1&amp;b=2`. */
const url: Transform = {
  type: 'URL',
  families: ['TEXT'],
  options: ['none', 'prefix', 'shortCodes'],
  read: (written, { transform: { prefix = '' } }) => (written.length > MAX_HTML_LENGTH ? tooLong(written) : value(withPrefix(prefix, unescapeHtml(written).trim()))),
  write(written, { transform: { prefix = '' } }) {
    const bare = withoutPrefix(prefix, String(written));
    return bare === undefined ? unfit('NO_PREFIX', `must begin with ${prefix}`) : text(escapeHtml(bare));
  },
};

const image: Transform = {
  type: 'IMAGE',
  families: ['TEXT'],
  options: ['none', 'prefix', 'shortCodes'],
  // Spaces in file names are common where people upload pictures; addresses have none.
  read: (written, { transform: { prefix = '' } }) => value(withPrefix(prefix, written.trim().replaceAll('%', '%25').replaceAll(' ', '%20'))),
  write(written, { transform: { prefix = '' } }) {
    const bare = withoutPrefix(prefix, String(written));
    return bare === undefined ? unfit('NO_PREFIX', `must begin with ${prefix}`) : text(bare.replaceAll('%20', ' ').replaceAll('%25', '%'));
  },
};

const key: Transform = {
  type: 'KEY',
  families: ['TEXT', 'NUMBER'],
  options: ['none', 'prefix'],
  read(written, { transform: { prefix = '' } }) {
    const made = toKey(`${prefix}${written}`);
    return made === undefined ? unfit('NO_KEY', 'leaves no letter or digit for a key') : value(made);
  },
};

const values: Transform = {
  type: 'VALUES',
  families: ['TEXT', 'NUMBER'],
  options: ['values'],
  required: ['values'],
  read(written, { transform }) {
    const pair = transform.values?.find(({ column }) => column === written);
    return pair ? value(pair.field) : unfit('UNKNOWN_VALUE', `is none of ${listed(transform.values?.map(({ column }) => column) ?? [])}`);
  },
  write(written, { transform }) {
    const wanted = Array.isArray(written) ? written : [written];
    const pairs = transform.values?.filter(({ field }) => wanted.includes(field)) ?? [];
    const [only] = pairs;
    if (only && pairs.length === 1) return text(only.column);
    return unfit('UNKNOWN_VALUE', `must have exactly one of ${listed(transform.values?.map(({ field }) => field) ?? [])}`);
  },
};

export const TEXT_TRANSFORMS: readonly Transform[] = [asText, htmlText, html, url, image, key, values];

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function withPrefix(prefix: string, rest: string): string {
  // A full address in a column of paths stays one.
  return HAS_SCHEME.test(rest) || (prefix !== '' && rest.startsWith('/')) ? rest : `${prefix}${rest}`;
}

function withoutPrefix(prefix: string, whole: string): string | undefined {
  if (whole.startsWith(prefix)) return whole.slice(prefix.length);
  return HAS_SCHEME.test(whole) || whole.startsWith('/') ? whole : undefined;
}

/** As a browser reads it. Text without `&` has no character references, and `<` is none of them. */
export function unescapeHtml(written: string): string {
  if (!written.includes('&')) return written;
  const [only] = fromHtml(written.replaceAll('<', '&lt;'), { fragment: true }).children;
  return only?.type === 'text' ? only.value : written;
}

function tooLong(written: string): ReturnType<typeof unfit> {
  return unfit('TOO_LONG', `has ${written.length} characters, at most ${MAX_HTML_LENGTH} are read`);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

function listed(options: readonly string[]): string {
  const shown = options.slice(0, 10).map((option) => JSON.stringify(option.slice(0, 40)));
  return options.length > 10 ? `${shown.join(', ')} and ${options.length - 10} more` : shown.join(', ');
}
