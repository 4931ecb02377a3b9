/** Rows from outside could end the statement that carries them, so they are refused. */
export class UnsafeRows extends Error {}

const NEWLINE = 10;
const OPEN = 91; // [
const CLOSE = 93; // ]

/**
 * Rows of JSONCompactEachRow, each a JSON array on a line of its own. chDB reads inline data up to the first empty line
 * and runs what follows as SQL, so the shape of every line is checked here, whatever its origin: a line that begins
 * with `[` and ends with `]` is neither empty nor a statement.
 * @throws UnsafeRows
 */
export function checkRowLines(rows: Buffer): void {
  let start = 0;
  while (start < rows.length) {
    const newline = rows.indexOf(NEWLINE, start);
    const end = newline === -1 ? rows.length : newline;
    if (rows[start] !== OPEN || rows[end - 1] !== CLOSE)
      throw new UnsafeRows(`a line at byte ${start} is no JSON array`);
    start = end + 1;
    if (newline !== -1 && start === rows.length) throw new UnsafeRows('the rows end with an empty line');
  }
}

/** One row; `JSON.stringify` escapes every line break. */
export function rowLine(values: readonly unknown[]): string {
  return JSON.stringify(values);
}
