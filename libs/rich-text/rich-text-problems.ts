import type { RichTextProblem } from './nodes.js';
import { parseRichText } from './parse-rich-text.js';

let last: { markdown: string; problems: readonly RichTextProblem[] } | undefined;

/**
 * What is wrong with a text, without its tree. The last answer is kept: what makes a text often asks about it, and whoever
 * checks it next asks again.
 */
export function richTextProblems(markdown: string): readonly RichTextProblem[] {
  if (last?.markdown !== markdown) last = { markdown, problems: parseRichText(markdown).problems };
  return last.problems;
}
