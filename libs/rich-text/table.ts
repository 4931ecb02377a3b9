/** A cell in the second line of a table in GitHub's Markdown: `| --- | :-: |`. */
const DELIMITER = /^:?-+:?$/;

/**
 * CommonMark knows no tables and would show one as a paragraph full of bars. Its author means a table, so it is reported
 * as a problem.
 */
export function isTable(paragraph: string): boolean {
  const lines = paragraph.split('\n');
  return lines.some((line, index) => index > 0 && isDelimiterRow(line) && lines[index - 1]?.includes('|'));
}

/** Cell by cell: one pattern for the whole line would try every way to divide its white space. */
function isDelimiterRow(line: string): boolean {
  if (!line.includes('|')) return false;
  const cells = line.trim().replace(/^\|/, '').replace(/\|$/, '').split('|');
  return cells.every((cell) => DELIMITER.test(cell.trim()));
}
