import { textLiteral } from './literals.js';

/** Says which batch computed a window of a rollup last: columns `rollup`, `minute` (since 1970, of the window's start), `batch`. */
export const COMPUTED_TABLE = 'computed';

/**
 * SQL condition on rows of a rollup: that the computation which wrote them was the last one of their window. A row of
 * an earlier one stays in the table when its combination of cells has no events any more, because the person behind an
 * id changed; with the later rows it would be counted twice.
 */
export function newestRows(rollup: string): string {
  const marked = `SELECT minute, max(batch) FROM ${COMPUTED_TABLE} WHERE rollup = ${textLiteral(rollup)} GROUP BY minute`;
  return `(toUInt32(intDiv(toUnixTimestamp(w), 60)), batch) IN (${marked})`;
}
