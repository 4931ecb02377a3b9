import type { ColumnSchema } from '../inspection/table-schema.js';
import { text, type Transform, unfit, value } from './transform.js';

const number: Transform = {
  type: 'NUMBER',
  families: ['NUMBER'],
  options: ['none'],
  read(written, _, column) {
    const read = wholeNumber(written, column);
    return read === undefined ? unfit('NOT_A_WHOLE_NUMBER', 'is not a whole number') : value(read);
  },
  write: (written) => (typeof written === 'number' ? text(String(written)) : unfit('NOT_A_NUMBER', 'must be a number')),
};

/** Sort orders count up from the first; priorities are highest for the first. */
const priority: Transform = {
  type: 'PRIORITY',
  families: ['NUMBER'],
  options: ['none', 'top'],
  read(written, { transform: { top = 0 } }, column) {
    const read = wholeNumber(written, column);
    return read === undefined ? unfit('NOT_A_WHOLE_NUMBER', 'is not a whole number') : value(top - read);
  },
  write: (written, { transform: { top = 0 } }) =>
    typeof written === 'number' ? text(String(top - written)) : unfit('NOT_A_NUMBER', 'must be a number'),
};

const status: Transform = {
  type: 'STATUS',
  families: ['NUMBER', 'TEXT'],
  options: ['shown', 'hidden'],
  read(written, { transform: { shown = '1', hidden = '0' } }) {
    if (written === shown) return value(true);
    return written === hidden
      ? value(false)
      : unfit('UNKNOWN_STATUS', `is neither ${shown} (shown) nor ${hidden} (hidden)`);
  },
  write: (written, { transform: { shown = '1', hidden = '0' } }) => text(written === false ? hidden : shown),
};

export const NUMBER_TRANSFORMS: readonly Transform[] = [number, priority, status];

/** A FLOAT is what people see of it, six digits: 123456.789 is 123457, and stays 123456.789 while the number stays the same. */
function wholeNumber(text: string, { dataType }: ColumnSchema): number | undefined {
  const rounded =
    dataType === 'float' && !Number.isInteger(Number(text)) ? String(Number(Number(text).toPrecision(6))) : text;
  const written = Number.isInteger(Number(rounded)) ? rounded : text;
  const read = Number(written);
  return Number.isSafeInteger(read) && /^-?\d+(?:\.0*)?$/.test(written) ? read : undefined;
}
