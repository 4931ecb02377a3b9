import type { AdoptionTransform, HttpLinks } from '@paddock/contracts';
import { escapeHtml, unescapeHtml } from './escape-html.js';
import { MAX_HTML_LENGTH } from './html-cost.js';
import { htmlToMarkdown } from './html-to-markdown.js';
import { toKey } from './keys.js';
import { richTextToHtml } from './rich-text-to-html.js';
import { type Reading, text, type Transform, unfit, value } from './transform.js';

const asText: Transform = {
  type: 'TEXT',
  families: ['TEXT', 'NUMBER'],
  options: ['none', 'lineBreaks', 'shortCodes'],
  read: (written, { transform }) => value(withLineFeeds(written, transform)),
  write: (written, { transform }) => text(withOwnBreaks(String(written), transform)),
};

const htmlText: Transform = {
  type: 'HTML_TEXT',
  families: ['TEXT'],
  options: ['none', 'lineBreaks', 'shortCodes'],
  read: (written, { transform }) => unescaped(written, (plain) => value(withLineFeeds(plain, transform))),
  write: (written, { transform }) => text(escapeHtml(withOwnBreaks(String(written), transform))),
};

const html: Transform = {
  type: 'HTML',
  families: ['TEXT'],
  options: ['shortCodes'],
  read: reduced,
};

/** Markup that a back office escaped on its way into the database: `&lt;p&gt;Tom &amp;amp; Jerry&lt;/p&gt;`. */
const escapedMarkup: Transform = {
  type: 'ESCAPED_HTML',
  families: ['TEXT'],
  options: ['none'],
  read: (written) => unescaped(written, reduced),
  write: (written) => text(escapeHtml(richTextToHtml(String(written)))),
};

/** Back offices escape addresses on their way into the database: `?a=1&amp;b=2`. */
const url: Transform = {
  type: 'URL',
  families: ['TEXT'],
  options: ['none', 'prefix', 'httpLinks', 'shortCodes'],
  read: (written, { transform: { prefix = '', httpLinks } }) =>
    unescaped(written, (plain) => address(withPrefix(prefix, plain.trim()), httpLinks)),
  write(written, { transform: { prefix = '' } }) {
    const bare = withoutPrefix(prefix, String(written));
    return bare === undefined ? unfit('NO_PREFIX', `must begin with ${prefix}`) : text(escapeHtml(bare));
  },
};

const image: Transform = {
  type: 'IMAGE',
  families: ['TEXT'],
  options: ['none', 'prefix', 'httpLinks', 'shortCodes'],
  // Uploaded pictures often have spaces in their names; URLs must not contain spaces.
  read: (written, { transform: { prefix = '', httpLinks } }) =>
    address(withPrefix(prefix, written.trim().replaceAll('%', '%25').replaceAll(' ', '%20')), httpLinks),
  write(written, { transform: { prefix = '' } }) {
    const bare = withoutPrefix(prefix, String(written));
    return bare === undefined
      ? unfit('NO_PREFIX', `must begin with ${prefix}`)
      : text(bare.replaceAll('%20', ' ').replaceAll('%25', '%'));
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
    return pair
      ? value(pair.field)
      : unfit('UNKNOWN_VALUE', `is not one of ${listed(transform.values?.map(({ column }) => column) ?? [])}`);
  },
  write(written, { transform }) {
    const wanted = Array.isArray(written) ? written : [written];
    const pairs = transform.values?.filter(({ field }) => wanted.includes(field)) ?? [];
    const [only] = pairs;
    if (only && pairs.length === 1) return text(only.column);
    return unfit(
      'UNKNOWN_VALUE',
      `must have exactly one of ${listed(transform.values?.map(({ field }) => field) ?? [])}`,
    );
  },
};

export const TEXT_TRANSFORMS: readonly Transform[] = [asText, htmlText, html, escapedMarkup, url, image, key, values];

/** What becomes of text whose character references are resolved. */
function unescaped(written: string, read: (plain: string) => Reading): Reading {
  if (written.length <= MAX_HTML_LENGTH) return read(unescapeHtml(written));
  return unfit('TOO_LONG', `has ${written.length} characters, at most ${MAX_HTML_LENGTH} are read`);
}

/** Markup as safe Markdown. */
function reduced(written: string): Reading {
  const found = htmlToMarkdown(written);
  if ('why' in found) return unfit(found.code, found.why);
  const { markdown, removed } = found;
  return markdown === '' ? { state: 'ABSENT', removed } : { state: 'VALUE', value: markdown, removed };
}

/** An address that begins with `http:`, or that takes its scheme from its page, as the mapping wants it. */
function address(found: string, httpLinks: HttpLinks | undefined): Reading {
  if (httpLinks === undefined || !INSECURE.test(found)) return value(found);
  if (httpLinks === 'UPGRADE') return value(found.replace(INSECURE, 'https://'));
  return { state: 'ABSENT', removed: [`address ${JSON.stringify(found.slice(0, 80))}: begins with http:`] };
}

const INSECURE = /^(?:http:)?\/\//i;

function withLineFeeds(written: string, { lineBreaks }: AdoptionTransform): string {
  if (lineBreaks === undefined) return written;
  return lineBreaks === 'CRLF' ? written.replace(/\r\n?/g, '\n') : written.replace(/[\r\n]+/g, ' ');
}

function withOwnBreaks(text: string, { lineBreaks }: AdoptionTransform): string {
  return lineBreaks === 'CRLF' ? text.replace(/\r?\n/g, '\r\n') : text;
}

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function withPrefix(prefix: string, rest: string): string {
  // A full address in a column of paths stays one.
  return HAS_SCHEME.test(rest) || (prefix !== '' && rest.startsWith('/')) ? rest : `${prefix}${rest}`;
}

function withoutPrefix(prefix: string, whole: string): string | undefined {
  if (whole.startsWith(prefix)) return whole.slice(prefix.length);
  return HAS_SCHEME.test(whole) || whole.startsWith('/') ? whole : undefined;
}

function listed(options: readonly string[]): string {
  const shown = options.slice(0, 10).map((option) => JSON.stringify(option.slice(0, 40)));
  return options.length > 10 ? `${shown.join(', ')} and ${options.length - 10} more` : shown.join(', ');
}
