import type { Element, ElementContent, Nodes, Parents, Root, RootContent, Text } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { toMdast } from 'hast-util-to-mdast';
import { toMarkdown } from 'mdast-util-to-markdown';
import { imageProblem, linkProblem, MAX_RICH_TEXT_LENGTH, richTextProblems } from '@paddock/rich-text';
import { type HtmlProblem, htmlProblem, htmlTreeProblem, MAX_HTML_FORMATS, MAX_HTML_LINES } from './html-cost.js';

/** Markup reduced to the safe subset, and everything of it that was left out, each thing once. */
export interface ReducedHtml {
  markdown: string;
  /** `<script> with its content`, `attribute onclick of <a>`, `link javascript:…: the scheme …`. */
  removed: string[];
}

/**
 * Reduces HTML to the Markdown subset of promo texts. The HTML is parsed as browsers parse it, rebuilt from an allow-list
 * alone, and the result checked by the parser of the subset, so that neither malformed markup nor a mistake here lets
 * a script through. HTML that would take too long to read is refused before it is parsed.
 */
export function htmlToMarkdown(html: string): ReducedHtml | HtmlProblem {
  if (html.length <= MAX_PLAIN && PLAIN.test(html)) return { markdown: html, removed: [] };
  const costly = htmlProblem(html);
  if (costly) return costly;
  const parsed = fromHtml(html, { fragment: true });
  const repeated = htmlTreeProblem(parsed);
  if (repeated) return repeated;
  const removed = new Set<string>();
  const reduced: Root = { type: 'root', children: parsed.children.flatMap((node) => reduce(node, removed, new Set())) };
  const tooLong = textProblem(reduced);
  if (tooLong) return tooLong;
  const unwritten = unwrittenFormatting(reduced);
  if (unwritten !== undefined) {
    removed.add(`formatting: ${unwritten}`);
    return { markdown: stringify(plain(reduced)), removed: [...removed] };
  }
  const markdown = stringify(reduced);
  const problems = richTextProblems(markdown);
  if (problems.length === 0) return { markdown, removed: [...removed] };
  for (const { message } of problems) removed.add(`formatting: ${message}`);
  return { markdown: stringify(plain(reduced)), removed: [...removed] };
}

/** Text that no field has room for is not turned into Markdown first. */
function textProblem(tree: Root): HtmlProblem | undefined {
  let [characters, lines] = [0, 0];
  const visit = (node: Nodes): void => {
    if (node.type === 'text') characters += node.value.length;
    if (node.type === 'element' && (node.tagName === 'br' || node.tagName === 'li' || isBlock(node))) lines += 1;
    if (isParent(node)) node.children.forEach(visit);
  };
  visit(tree);
  if (characters > MAX_RICH_TEXT_LENGTH)
    return {
      code: 'TOO_LONG',
      why: `has ${characters} characters of text, at most ${MAX_RICH_TEXT_LENGTH} are allowed`,
    };
  if (lines > MAX_HTML_LINES)
    return {
      code: 'TOO_MANY_LINES',
      why: `has ${lines} paragraphs, list items and line breaks, at most ${MAX_HTML_LINES} are read`,
    };
  return undefined;
}

/** Why the words alone are kept without trying more. */
function unwrittenFormatting(tree: Root): string | undefined {
  if (isDeep(tree)) return `lists are nested more than ${MAX_LISTS} deep`;
  let formats = 0;
  const visit = (node: Nodes): void => {
    if (node.type === 'element' && (INLINE.has(node.tagName) || node.tagName === 'img')) formats += 1;
    if (isParent(node)) node.children.forEach(visit);
  };
  visit(tree);
  return formats > MAX_HTML_FORMATS
    ? `the text has ${formats} links, images and emphasised parts, at most ${MAX_HTML_FORMATS} are kept`
    : undefined;
}

/** Markdown's writer takes a multiple of its time for every list within a list. */
const MAX_LISTS = 5;

function isDeep(node: Nodes, lists = 0): boolean {
  const within = node.type === 'element' && (node.tagName === 'ul' || node.tagName === 'ol') ? lists + 1 : lists;
  return within > MAX_LISTS || (isParent(node) && node.children.some((child) => isDeep(child, within)));
}

/** One line of words, in which neither HTML nor Markdown means anything. */
const MAX_PLAIN = 1_000;
const PLAIN = /^[\p{L}\p{M}](?:[\p{L}\p{M}\p{N},.;:'?%€$£/]| (?=[\p{L}\p{M}]))*$/u;

/** Left out with everything in them. */
const DROPPED = new Set(
  (
    'script style iframe object embed applet noscript template svg math form input select textarea button option audio video canvas ' +
    'head title link meta base frame frameset noframes noembed plaintext xmp map area dialog hr portal'
  ).split(' '),
);

/** What each element becomes; `''` keeps the content alone. Elements that are not listed keep their content and are reported. */
const KEPT: Readonly<Record<string, string>> = {
  p: 'p',
  br: 'br',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  em: 'em',
  i: 'em',
  strong: 'strong',
  b: 'strong',
  code: 'code',
  a: 'a',
  img: 'img',
  h1: 'h2',
  h2: 'h2',
  h3: 'h3',
  h4: 'h4',
  h5: 'h4',
  h6: 'h4',
  div: 'div',
  section: 'div',
  article: 'div',
  header: 'div',
  footer: 'div',
  main: 'div',
  center: 'div',
  address: 'div',
  span: '',
};

const INLINE = new Set(['em', 'strong', 'code', 'a']);

/** What is not kept, but must not run together with its neighbours. */
const BLOCKS = new Set('table tr caption blockquote pre dl dt dd fieldset figure figcaption'.split(' '));

const USED_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title'],
  img: ['src', 'alt', 'title'],
  ol: ['start'],
};

/** `within` are the inline formats that hold already: one in itself says nothing more, and pages that close none nest them deep. */
function reduce(node: RootContent, removed: Set<string>, within: ReadonlySet<string>): ElementContent[] {
  if (node.type === 'text') return [{ type: 'text', value: cleanText(node.value) }];
  if (node.type !== 'element') return [];
  const name = node.tagName;
  if (DROPPED.has(name)) {
    removed.add(node.children.length > 0 ? `<${name}> with its content` : `<${name}>`);
    return [];
  }
  reportAttributes(node, removed);
  const kept = Object.hasOwn(KEPT, name) ? KEPT[name] : undefined;
  const repeated = kept !== undefined && within.has(kept);
  const inner = kept !== undefined && INLINE.has(kept) ? new Set([...within, kept]) : within;
  const children = node.children.flatMap((child) => reduce(child, removed, inner));
  if (repeated) return children;
  if (kept === undefined) {
    removed.add(`<${name}>`);
    if (BLOCKS.has(name)) return inBlocks('p', children);
    return name === 'td' || name === 'th' ? [...children, { type: 'text', value: ' ' }] : children;
  }
  if (kept === 'a') return link(node, children, removed);
  if (kept === 'img') return image(node, removed);
  if (kept === '') return children;
  if (INLINE.has(kept)) return around(children, (words) => element(kept, {}, words));
  if (kept === 'br' || kept === 'li' || kept === 'ul' || kept === 'ol') {
    return [
      element(
        kept,
        kept === 'ol' && node.properties['start'] !== undefined ? { start: node.properties['start'] } : {},
        children,
      ),
    ];
  }
  return inBlocks(kept === 'div' ? 'p' : kept, children);
}

const WITH_BLOCKS = new Set(['p', 'ul', 'ol', 'h2', 'h3', 'h4']);

function isBlock(node: ElementContent): node is Element {
  return node.type === 'element' && WITH_BLOCKS.has(node.tagName);
}

/** Turns nested paragraphs and headings into consecutive ones: Markdown cannot nest them. */
function inBlocks(name: string, children: readonly ElementContent[]): ElementContent[] {
  const blocks: ElementContent[] = [];
  let words: ElementContent[] = [];
  const end = (): void => {
    if (words.length > 0) blocks.push(element(name, {}, words));
    words = [];
  };
  for (const child of children) {
    if (!isBlock(child)) {
      words.push(child);
      continue;
    }
    end();
    blocks.push(child.tagName === 'p' ? element(name, {}, child.children) : child);
  }
  end();
  return blocks;
}

/** Formatting around blocks holds for the words in each of them; lists stay as they are. */
function around(children: readonly ElementContent[], wrap: (words: ElementContent[]) => Element): ElementContent[] {
  if (!children.some(isBlock)) return [wrap([...children])];
  return inBlocks('p', children).map((block) =>
    isBlock(block) && block.tagName !== 'ul' && block.tagName !== 'ol'
      ? element(block.tagName, {}, [wrap(block.children)])
      : block,
  );
}

function link(node: Element, children: ElementContent[], removed: Set<string>): ElementContent[] {
  const href = attribute(node, 'href');
  const problem = linkProblem(href);
  if (problem === undefined) return around(children, (words) => element('a', titled(node, { href }), words));
  if (node.properties['href'] !== undefined) removed.add(`link ${shortened(href)}: ${problem}`);
  return children;
}

function image(node: Element, removed: Set<string>): ElementContent[] {
  const src = attribute(node, 'src');
  const problem = imageProblem(src);
  if (problem === undefined) return [element('img', titled(node, { src, alt: cleanText(attribute(node, 'alt')) }), [])];
  removed.add(`image ${shortened(src)}: ${problem}`);
  return [];
}

function titled(node: Element, properties: Element['properties']): Element['properties'] {
  const title = cleanText(attribute(node, 'title'));
  return title === '' ? properties : { ...properties, title };
}

function attribute(node: Element, name: string): string {
  const value = node.properties[name];
  return typeof value === 'string' ? value.trim() : '';
}

function reportAttributes(node: Element, removed: Set<string>): void {
  const used = USED_ATTRIBUTES[node.tagName] ?? [];
  for (const name of Object.keys(node.properties)) {
    if (!used.includes(name)) removed.add(`attribute ${name.slice(0, 40)} of <${node.tagName}>`);
  }
}

function element(tagName: string, properties: Element['properties'], children: ElementContent[]): Element {
  return { type: 'element', tagName, properties, children };
}

/** Control characters have no place in a promo's text. */
function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '');
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function stringify(tree: Root): string {
  const markdown = toMdast(tree, { document: true });
  return toMarkdown(markdown, {
    bullet: '-',
    emphasis: '*',
    strong: '*',
    fence: '`',
    listItemIndent: 'one',
    resourceLink: true,
  }).trim();
}

/** The words alone, as paragraphs. */
function plain(tree: Root): Root {
  const paragraphs: string[] = [''];
  const visit = (node: Nodes): void => {
    if (node.type === 'text') paragraphs.push(`${paragraphs.pop() ?? ''}${node.value}`);
    if (!isParent(node)) return;
    const block = node.type === 'element' && /^(?:p|h[2-4]|li|div|br)$/.test(node.tagName);
    if (block) paragraphs.push('');
    node.children.forEach(visit);
    if (block) paragraphs.push('');
  };
  visit(tree);
  const filled = paragraphs.map((text) => text.trim()).filter((text) => text !== '');
  return { type: 'root', children: filled.map((value) => element('p', {}, [{ type: 'text', value } satisfies Text])) };
}

function isParent(node: Nodes): node is Parents {
  return 'children' in node;
}
