/** The second line of a table in GitHub's Markdown: `| --- | :-: |`. */
const DELIMITER_ROW = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/**
 * CommonMark knows no tables and would show one as a paragraph full of bars. Whoever writes one means a table, and is
 * told rather than surprised.
 */
export function isTable(paragraph: string): boolean {
  const lines = paragraph.split('\n');
  return lines.some((line, index) => index > 0 && line.includes('|') && DELIMITER_ROW.test(line) && lines[index - 1]?.includes('|'));
}
