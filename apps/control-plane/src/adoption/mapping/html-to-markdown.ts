import type { Element, ElementContent, Nodes, Parents, Root, RootContent, Text } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { toMdast } from 'hast-util-to-mdast';
import { toMarkdown } from 'mdast-util-to-markdown';
import { imageProblem, linkProblem, richTextProblems } from '#rich-text';

/** Markup reduced to the safe subset, and everything of it that was left out, each thing once. */
export interface ReducedHtml {
  markdown: string;
  /** `<script> with its content`, `attribute onclick of <a>`, `link javascript:…: the scheme …`. */
  removed: string[];
}

/**
 * Reduces HTML to the Markdown subset of promo texts. The HTML is parsed as browsers parse it, rebuilt from an allow-list
 * alone, and the result checked by the parser of the subset, so that neither malformed markup nor a mistake here lets
 * a script through.
 */
export function htmlToMarkdown(html: string): ReducedHtml {
  if (PLAIN.test(html)) return { markdown: html, removed: [] };
  const removed = new Set<string>();
  const reduced: Root = { type: 'root', children: fromHtml(html, { fragment: true }).children.flatMap((node) => reduce(node, removed)) };
  const markdown = stringify(reduced);
  const problems = richTextProblems(markdown);
  if (problems.length === 0) return { markdown, removed: [...removed] };
  for (const { message } of problems) removed.add(`formatting: ${message}`);
  return { markdown: stringify(plain(reduced)), removed: [...removed] };
}

/** One line of words, in which neither HTML nor Markdown means anything. */
const PLAIN = /^[\p{L}\p{M}](?:[\p{L}\p{M}\p{N},.;:'?%€$£/]| (?=[\p{L}\p{M}]))*$/u;

/** Left out with everything in them. */
const DROPPED = new Set(
  ('script style iframe object embed applet noscript template svg math form input select textarea button option audio video canvas ' +
    'head title link meta base frame frameset noframes noembed plaintext xmp map area dialog hr portal').split(' '),
);

/** What each element becomes; `''` keeps the content alone. Elements that are not listed keep their content and are reported. */
const KEPT: Readonly<Record<string, string>> = {
  p: 'p', br: 'br', ul: 'ul', ol: 'ol', li: 'li', em: 'em', i: 'em', strong: 'strong', b: 'strong', code: 'code', a: 'a', img: 'img',
  h1: 'h2', h2: 'h2', h3: 'h3', h4: 'h4', h5: 'h4', h6: 'h4',
  div: 'div', section: 'div', article: 'div', header: 'div', footer: 'div', main: 'div', center: 'div', address: 'div', span: '',
};

/** What is not kept, but must not run together with its neighbours. */
const BLOCKS: Readonly<Record<string, string>> = { table: 'div', tr: 'p', caption: 'p', blockquote: 'div', pre: 'p', dl: 'div', dt: 'p', dd: 'p', fieldset: 'div', figure: 'div', figcaption: 'p' };

const USED_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = { a: ['href', 'title'], img: ['src', 'alt', 'title'], ol: ['start'] };

function reduce(node: RootContent, removed: Set<string>): ElementContent[] {
  if (node.type === 'text') return [{ type: 'text', value: cleanText(node.value) }];
  if (node.type !== 'element') return [];
  const name = node.tagName;
  if (DROPPED.has(name)) {
    removed.add(node.children.length > 0 ? `<${name}> with its content` : `<${name}>`);
    return [];
  }
  reportAttributes(node, removed);
  const children = node.children.flatMap((child) => reduce(child, removed));
  const kept = Object.hasOwn(KEPT, name) ? KEPT[name] : undefined;
  if (kept === undefined) {
    removed.add(`<${name}>`);
    const block = Object.hasOwn(BLOCKS, name) ? BLOCKS[name] : undefined;
    if (block !== undefined) return [element(block, {}, children)];
    return name === 'td' || name === 'th' ? [...children, { type: 'text', value: ' ' }] : children;
  }
  if (kept === 'a') return link(node, children, removed);
  if (kept === 'img') return image(node, removed);
  return kept === '' ? children : [element(kept, kept === 'ol' && node.properties['start'] !== undefined ? { start: node.properties['start'] } : {}, children)];
}

function link(node: Element, children: ElementContent[], removed: Set<string>): ElementContent[] {
  const href = attribute(node, 'href');
  const problem = linkProblem(href);
  if (problem === undefined) return [element('a', titled(node, { href }), children)];
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
  return toMarkdown(markdown, { bullet: '-', emphasis: '*', strong: '*', fence: '`', listItemIndent: 'one', resourceLink: true }).trim();
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
