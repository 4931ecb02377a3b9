import type { Root, RootContent } from 'hast';

/** How many characters (UTF-16 code units) of HTML are read. */
export const MAX_HTML_LENGTH = 60_000;
const MAX_TAGS = 1_200;
/** How many paragraphs, list items and line breaks HTML may have. */
export const MAX_HTML_LINES = 300;
/** More formatting than a text may have is not turned into Markdown first. */
export const MAX_HTML_FORMATS = 250;
const MAX_ATTRIBUTES = 60;
const MAX_OPEN = 40;
const MAX_NODES = 2_500;

/** Why HTML is not read; a position counts from 0. */
export interface HtmlProblem {
  code: 'TOO_LONG' | 'TOO_MANY_LINES' | 'TOO_MANY_TAGS' | 'TOO_MANY_ATTRIBUTES' | 'TOO_DEEP';
  why: string;
}

/** These end without a tag of their own, and cannot stand in each other unless something that counts is between them. */
const NOT_COUNTED = new Set(
  (
    'p li dt dd option optgroup tr td th tbody thead tfoot colgroup caption rp rt rb rtc ' +
    'area base br col embed hr img input link meta param source track wbr'
  ).split(' '),
);

const TAG = /<(\/?)([a-z][^\s/>]*)/gi;
const ATTRIBUTE = /[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>]*))?/y;

/**
 * Refuses HTML that would take long to parse before it is parsed. What looks like a tag counts as one, also in comments
 * and scripts: a misread end of those must not hide tags. Browsers close what is left open, and open formatting again
 * in every paragraph, so a kilobyte of `a<b>` within a table takes 89 s, and of `<b i=1><p><b i=2><p>` a second.
 */
export function htmlProblem(html: string): HtmlProblem | undefined {
  if (html.length > MAX_HTML_LENGTH)
    return { code: 'TOO_LONG', why: `has ${html.length} characters of HTML, at most ${MAX_HTML_LENGTH} are read` };
  const open = new Map<string, number>();
  let [tags, depth] = [0, 0];
  for (const found of html.matchAll(TAG)) {
    const [whole, slash, written = ''] = found;
    const name = written.toLowerCase();
    const at = found.index;
    tags += 1;
    if (tags > MAX_TAGS)
      return { code: 'TOO_MANY_TAGS', why: `has more than ${MAX_TAGS} HTML tags, counted up to position ${at}` };
    if (hasManyAttributes(html, at + whole.length)) {
      return {
        code: 'TOO_MANY_ATTRIBUTES',
        why: `has a tag with more than ${MAX_ATTRIBUTES} attributes at position ${at}`,
      };
    }
    if (NOT_COUNTED.has(name)) continue;
    const before = open.get(name) ?? 0;
    const after = slash === '/' ? Math.max(0, before - 1) : before + 1;
    open.set(name, after);
    depth += after - before;
    if (depth > MAX_OPEN)
      return { code: 'TOO_DEEP', why: `has more than ${MAX_OPEN} HTML elements open at position ${at}` };
  }
  return undefined;
}

function hasManyAttributes(html: string, from: number): boolean {
  ATTRIBUTE.lastIndex = from;
  for (let attributes = 0; ATTRIBUTE.test(html); attributes += 1) if (attributes >= MAX_ATTRIBUTES) return true;
  return false;
}

/** Refuses a tree in which elements were repeated by the parser, before anything that recurses walks through it. */
export function htmlTreeProblem(tree: Root): HtmlProblem | undefined {
  let level: RootContent[] = tree.children;
  let nodes = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    nodes += level.length;
    if (depth > 2 * MAX_OPEN)
      return { code: 'TOO_DEEP', why: `has HTML elements nested more than ${2 * MAX_OPEN} deep` };
    if (nodes > MAX_NODES)
      return {
        code: 'TOO_MANY_TAGS',
        why: `has more than ${MAX_NODES} HTML elements and texts once unclosed tags are repeated`,
      };
    level = level.flatMap((node) => ('children' in node ? node.children : []));
  }
  return undefined;
}
