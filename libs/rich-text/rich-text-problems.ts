import type { RichTextProblem } from './nodes.js';
import { parseRichText } from './parse-rich-text.js';

let last: { markdown: string; problems: readonly RichTextProblem[] } | undefined;

/**
 * The problems of a text, without its tree. The last answer is kept, because the code that makes a text and the next
 * check often ask about the same text.
 */
export function richTextProblems(markdown: string): readonly RichTextProblem[] {
  if (last?.markdown !== markdown) last = { markdown, problems: parseRichText(markdown).problems };
  return last.problems;
}
