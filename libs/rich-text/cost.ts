import type { RichTextProblem } from './nodes.js';

/** How many characters (UTF-16 code units) a text may have. */
export const MAX_RICH_TEXT_LENGTH = 20_000;

const MAX_LINES = 1_000;
const MAX_MARKS = 1_000;
/** Four lists within each other already fill the depth of a tree. */
const MAX_CONTAINERS = 4;

/** List markers and quote signs at the beginning of a line, one within the other. */
const CONTAINERS = /^(?:[ \t]*(?:>|[-+*]|\d{1,9}[.)])(?=[ \t>]|$)){5}/;

/**
 * Refuses what would take long to parse before it is parsed. The time grows with the square of the number of headings,
 * of emphasis marks, and of containers opened on one line: 20,000 characters of `a⏎=⏎` take 5.2 s, of `*a_ ` 3.4 s, of
 * `1) ` 8.2 s. Within these limits the worst texts found by search take half a second.
 */
export function costProblem(markdown: string): RichTextProblem | undefined {
  if (markdown.length > MAX_RICH_TEXT_LENGTH) return tooMuch('TOO_LONG', markdown.length, 'characters', MAX_RICH_TEXT_LENGTH);
  const lines = markdown.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) return tooMuch('TOO_MANY_LINES', lines.length, 'lines', MAX_LINES);
  const marks = markdown.match(/\*+|_+/g)?.length ?? 0;
  if (marks > MAX_MARKS) return tooMuch('TOO_MANY_MARKS', marks, 'marks of emphasis (* and _)', MAX_MARKS);
  const crowded = lines.findIndex((line) => CONTAINERS.test(line));
  if (crowded < 0) return undefined;
  return { line: crowded + 1, column: 1, code: 'TOO_DEEP', message: `more than ${MAX_CONTAINERS} lists or quotes begin on this line` };
}

function tooMuch(code: string, found: number, what: string, limit: number): RichTextProblem {
  return { line: 1, column: 1, code, message: `the text has ${found} ${what}, at most ${limit} are allowed` };
}
