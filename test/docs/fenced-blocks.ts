import type { Code, Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

/** A fenced code block of a page. */
export interface FencedBlock {
  /** The first word of the info string: `graphql`. */
  readonly language: string;
  /** The other words of the info string, which pages do not show: `run`, `keep=id:createRelease.id`. */
  readonly words: readonly string[];
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** All fenced code blocks of a Markdown page, in their order, also those within lists and quotes. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  return codeNodes(fromMarkdown(markdown)).flatMap(({ lang, meta, value, position }) =>
    lang == null || position === undefined
      ? []
      : [{ language: lang, words: meta?.split(/\s+/) ?? [], text: value, line: position.start.line }],
  );
}

function codeNodes(node: Nodes): Code[] {
  if (node.type === 'code') return [node];
  return 'children' in node ? node.children.flatMap(codeNodes) : [];
}
