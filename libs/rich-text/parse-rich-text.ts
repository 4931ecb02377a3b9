import type { Nodes, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { costProblem } from './cost.js';
import { imageProblem } from './image-problem.js';
import { linkProblem } from './link-problem.js';
import type { RichTextBlock, RichTextInline, RichTextListItem, RichTextNode, RichTextProblem } from './nodes.js';
import { isTable } from './table.js';

/** How many nodes deep a tree may be. */
export const MAX_RICH_TEXT_DEPTH = 10;

/** How many problems of one text are reported. */
const MAX_PROBLEMS = 50;

/**
 * Parses the safe subset of CommonMark: paragraphs, headings of level 2 to 4, lists, emphasis, strong, inline code, line
 * breaks, links and images. Everything else is a problem, and is absent from the tree: whatever the problems, a tree holds only
 * nodes of {@link RichTextNode} and only addresses in which {@link linkProblem} and {@link imageProblem} find nothing wrong.
 */
export function parseRichText(markdown: string): { tree: RichTextNode[]; problems: RichTextProblem[] } {
  const tooCostly = costProblem(markdown);
  if (tooCostly) return { tree: [], problems: [tooCostly] };
  const reading = new Reading(markdown);
  const tree = reading.blocks(fromMarkdown(markdown).children, 1);
  return { tree, problems: reading.problems.slice(0, MAX_PROBLEMS) };
}

/** What the subset leaves out, by its name in mdast. */
const REFUSED: Record<string, readonly [code: string, message: string]> = {
  html: ['HTML_NOT_ALLOWED', 'HTML is not allowed; write \\< for the character'],
  code: ['CODE_BLOCK_NOT_ALLOWED', 'code blocks are not allowed; a line that is indented by four spaces is one too'],
  blockquote: ['QUOTE_NOT_ALLOWED', 'quotes are not allowed; write \\> for the character'],
  thematicBreak: ['RULE_NOT_ALLOWED', 'horizontal rules are not allowed'],
  definition: [
    'REFERENCE_NOT_ALLOWED',
    'link definitions are not allowed; write the address into the link itself: [text](https://…)',
  ],
  linkReference: [
    'REFERENCE_NOT_ALLOWED',
    'links by reference are not allowed; write the address into the link itself: [text](https://…)',
  ],
  imageReference: [
    'REFERENCE_NOT_ALLOWED',
    'images by reference are not allowed; write the address into the image itself: ![text](https://…)',
  ],
};

/** One pass over one text, collecting problems on its way. */
class Reading {
  readonly problems: RichTextProblem[] = [];

  constructor(private readonly markdown: string) {}

  blocks(nodes: readonly RootContent[], depth: number): RichTextBlock[] {
    return nodes.flatMap((node) => this.block(node, depth));
  }

  private block(node: RootContent, depth: number): RichTextBlock[] {
    if (this.isTooDeep(node, depth)) return [];
    switch (node.type) {
      case 'paragraph':
        if (isTable(this.source(node))) return this.refuse(node, 'TABLE_NOT_ALLOWED', 'tables are not allowed');
        return [{ type: 'paragraph', children: this.inlines(node.children, depth + 1) }];
      case 'heading': {
        const level = node.depth;
        if (level !== 2 && level !== 3 && level !== 4) {
          return this.refuse(node, 'HEADING_LEVEL', `headings have level 2 to 4 (## to ####), not ${level}`);
        }
        return [{ type: 'heading', level, children: this.inlines(node.children, depth + 1) }];
      }
      case 'list': {
        const ordered = node.ordered === true;
        const start = ordered && node.start != null && node.start !== 1 ? { start: node.start } : {};
        const items = node.children.map((item): RichTextListItem => ({
          type: 'item',
          children: this.blocks(item.children, depth + 2),
        }));
        return [{ type: 'list', ordered, ...start, items }];
      }
      default:
        return this.refuse(node);
    }
  }

  private inlines(nodes: readonly PhrasingContent[], depth: number): RichTextInline[] {
    return nodes.flatMap((node) => this.inline(node, depth));
  }

  private inline(node: PhrasingContent, depth: number): RichTextInline[] {
    if (this.isTooDeep(node, depth)) return [];
    switch (node.type) {
      case 'text':
        return [{ type: 'text', value: node.value }];
      case 'inlineCode':
        return [{ type: 'code', value: node.value }];
      case 'break':
        return [{ type: 'break' }];
      case 'emphasis':
      case 'strong':
        return [{ type: node.type, children: this.inlines(node.children, depth + 1) }];
      case 'link': {
        const children = this.inlines(node.children, depth + 1);
        // The words of a refused link stay, so that a sentence does not lose its middle.
        if (this.isRefused(node, linkProblem(node.url))) return children;
        return [{ type: 'link', url: node.url, ...(node.title ? { title: node.title } : {}), children }];
      }
      case 'image':
        if (this.isRefused(node, imageProblem(node.url))) return [];
        return [{ type: 'image', url: node.url, alt: node.alt ?? '', ...(node.title ? { title: node.title } : {}) }];
      default:
        return this.refuse(node);
    }
  }

  private isTooDeep(node: Nodes, depth: number): boolean {
    if (depth <= MAX_RICH_TEXT_DEPTH) return false;
    this.refuse(node, 'TOO_DEEP', `lists and emphasis are nested more than ${MAX_RICH_TEXT_DEPTH} levels deep`);
    return true;
  }

  private isRefused(node: Nodes, problem: string | undefined): boolean {
    if (problem !== undefined) this.refuse(node, 'INVALID_LINK', problem);
    return problem !== undefined;
  }

  private refuse(node: Nodes, code?: string, message?: string): [] {
    const [knownCode, knownMessage] = REFUSED[node.type] ?? ['NOT_ALLOWED', `${node.type} is not allowed`];
    const { line, column } = node.position?.start ?? { line: 1, column: 1 };
    this.problems.push({ line, column, code: code ?? knownCode, message: message ?? knownMessage });
    return [];
  }

  private source(node: Nodes): string {
    return this.markdown.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
  }
}
