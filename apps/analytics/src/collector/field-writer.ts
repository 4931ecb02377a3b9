import { Big } from 'big.js';
import { type FieldType, NUMBER_LIMIT, NUMBER_SCALE } from '@paddock/metrics';
import { readTime } from './event-time.js';
import { type Rejection, reject } from './rejection.js';

/** An event as its sender wrote it. */
export type EventBody = Readonly<Record<string, unknown>>;

/** The JSON text of a field's value as the store takes it, or why it cannot. A missing field is `null`. */
export type FieldWriter = (value: unknown, path: string) => string | Rejection;

/** How values of a type are written. Values come from events that fit their contract, so types are right; ranges may not be. */
export function fieldWriter(type: FieldType): FieldWriter {
  const write = WRITERS[type];
  return (value, path) => (value === undefined || value === null ? 'null' : write(value, path));
}

const WRITERS: Readonly<Record<FieldType, FieldWriter>> = {
  TEXT: (value, path) => writeText(typeof value === 'string' ? value : JSON.stringify(value), path),
  NUMBER: (value, path) =>
    typeof value === 'number' && Math.abs(value) < NUMBER_LIMIT
      ? writeDecimal(value, path)
      : reject('NUMBER_OUT_OF_RANGE', `must be a number below 10^12`, path),
  INTEGER: (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value)
      ? String(value)
      : reject('NUMBER_OUT_OF_RANGE', 'must be a whole number within ±(2^53 - 1)', path),
  FLAG: (value) => (value === true ? 'true' : 'false'),
  TIME: (value, path) => {
    const time = readTime(value, path);
    return typeof time === 'number' ? String(time) : time;
  },
  JSON: (value, path) => writeText(JSON.stringify(value), path),
};

/** Characters that JSON writes as they are: most texts have no others. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A text, refused where UTF-8 cannot carry it. */
export function writeText(text: string, path: string): string | Rejection {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : reject('TEXT_INVALID', 'contains half a character', path);
}

/** A decimal as it was written, and never in powers of ten; refused where the store would have to round it. */
function writeDecimal(value: number, path: string): string | Rejection {
  if (Number.isInteger(value)) return String(value === 0 ? 0 : value);
  const short = String(value);
  const text = short.includes('e') ? new Big(value).toFixed() : short;
  const decimals = text.length - text.indexOf('.') - 1;
  return decimals > NUMBER_SCALE
    ? reject('NUMBER_TOO_PRECISE', `has ${decimals} decimals, at most ${NUMBER_SCALE} are kept`, path)
    : text;
}

/** The value at a path: `cart.total`. */
export function valueAt(event: EventBody, path: readonly string[]): unknown {
  const [only = ''] = path;
  if (path.length === 1) return event[only];
  let found: unknown = event;
  for (const name of path) {
    if (!isEventBody(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

export function isEventBody(value: unknown): value is EventBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
