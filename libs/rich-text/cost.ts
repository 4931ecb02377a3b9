import type { RichTextProblem } from './nodes.js';

/** How many characters (UTF-16 code units) a text may have. */
export const MAX_RICH_TEXT_LENGTH = 20_000;

const MAX_LINES = 1_000;
/** Four lists within each other already fill the depth of a tree. */
const MAX_CONTAINERS = 4;
/** Marks of one paragraph are matched with each other, so their cost grows with the square of their number. */
const MAX_MARKS_OF_PARAGRAPH = 300;
/** Of all weights of a text together. A point costs the parser about five microseconds. */
const MAX_WEIGHT = 6_000;

/** What a character costs wherever it stands. Marks that open or close something cost most. */
const MARKS = new Map([
  ['*', 5],
  ['_', 5],
  ['[', 5],
  [']', 5],
  ['<', 5],
  ['`', 2],
  ['\\', 2],
  ['&', 2],
  ['(', 1],
]);
const MATCHED = new Set('*_[]<');

const WEIGHT = { line: 10, container: 10, quote: 60, underline: 60 } as const;

/** List markers and quote signs at the beginning of a line, one within the other. */
const CONTAINER = /[ \t]*(?:(>)|[-+*](?=[ \t>]|$)|\d{1,9}[.)](?=[ \t>]|$))/y;
/** Turns the paragraph above it into a heading. */
const UNDERLINE = /^[ \t>]*(?:-+|=+)[ \t]*$/;
/** The first item of a bulleted list always ends a paragraph; one of a numbered list follows another one. */
const BULLET = /^ {0,3}[-+*][ \t]+\S/;
const NUMBER = /^ {0,3}\d{1,9}([.)])[ \t]+\S/;

/**
 * Refuses what would take long to parse before it is parsed, in one pass over the text. The parser's time grows with the
 * square of the number of marks in a paragraph, of headings, of quotes and of containers: 20,000 characters of `*a` take
 * 5.9 s, of `a⏎---⏎` 3.3 s, of `<? ` 1.7 s. Within these limits the worst texts found by search stay below 50 ms.
 */
export function costProblem(markdown: string): RichTextProblem | undefined {
  if (markdown.length > MAX_RICH_TEXT_LENGTH) {
    return {
      line: 1,
      column: 1,
      code: 'TOO_LONG',
      message: `the text has ${markdown.length} characters, at most ${MAX_RICH_TEXT_LENGTH} are allowed`,
    };
  }
  const lines = markdown.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES)
    return {
      line: 1,
      column: 1,
      code: 'TOO_MANY_LINES',
      message: `the text has ${lines.length} lines, at most ${MAX_LINES} are allowed`,
    };
  const paragraph = new Paragraph();
  let weight = 0;
  for (const [index, line] of lines.entries()) {
    paragraph.next(line, index + 1);
    if (line.trim() === '') continue;
    const containers = containersOf(line);
    if (containers.count > MAX_CONTAINERS) {
      return {
        line: index + 1,
        column: 1,
        code: 'TOO_DEEP',
        message: `more than ${MAX_CONTAINERS} lists or quotes begin on this line`,
      };
    }
    weight +=
      WEIGHT.line +
      WEIGHT.container * containers.count +
      WEIGHT.quote * containers.quotes +
      (UNDERLINE.test(line) ? WEIGHT.underline : 0);
    for (const character of line) {
      weight += MARKS.get(character) ?? 0;
      if (MATCHED.has(character)) paragraph.marks += 1;
    }
    if (paragraph.marks > MAX_MARKS_OF_PARAGRAPH) {
      const message = `the paragraph has more than ${MAX_MARKS_OF_PARAGRAPH} marks (* _ [ ] <); divide it by empty lines, or leave some out`;
      return { line: paragraph.line, column: 1, code: 'TOO_MANY_MARKS', message };
    }
    if (weight > MAX_WEIGHT) {
      const message = `up to this line the text has more formatting than can be read quickly (${weight} points, at most ${MAX_WEIGHT}); divide it into several texts`;
      return { line: index + 1, column: 1, code: 'TOO_MUCH_FORMATTING', message };
    }
  }
  return undefined;
}

function containersOf(line: string): { count: number; quotes: number } {
  let [count, quotes] = [0, 0];
  CONTAINER.lastIndex = 0;
  for (let found = CONTAINER.exec(line); found; found = CONTAINER.exec(line)) {
    count += 1;
    if (found[1] !== undefined) quotes += 1;
    if (count > MAX_CONTAINERS) break;
  }
  return { count, quotes };
}

/** Lines that the parser may read as one paragraph: rather too many than too few. */
class Paragraph {
  line = 1;
  marks = 0;
  private numbered: string | undefined;

  next(line: string, number: number): void {
    const numbered = NUMBER.exec(line)?.[1];
    const begins = line.trim() === '' || BULLET.test(line) || (numbered !== undefined && numbered === this.numbered);
    if (begins) [this.line, this.marks] = [line.trim() === '' ? number + 1 : number, 0];
    if (begins || number === 1) this.numbered = undefined;
    if (this.line === number) this.numbered = numbered;
  }
}
