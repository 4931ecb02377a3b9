import { Big } from 'big.js';
import type { FieldType } from '../contracts/event-fields.js';

/** Digits after the point of a NUMBER field; what has more is refused. */
export const NUMBER_SCALE = 9;
/** NUMBER fields are below this. */
export const NUMBER_LIMIT = 1e12;

/** The column of raw events that names the person an event is about: what metrics call `$user`. */
export const PERSON_COLUMN = '_person';

/** A text as a SQL literal of ClickHouse: every character that could end or bend it is escaped. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll(/[\\'\0\n\r\t\b]/g, (character) => ESCAPES[character] ?? '')}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};

/** A number as an exact decimal literal. */
export function decimalLiteral(value: number | string): string {
  return `toDecimal256('${new Big(value).toFixed()}', ${decimalScale(value)})`;
}

/** How many digits a number has after its point. */
export function decimalScale(value: number | string): number {
  return (new Big(value).toFixed().split('.')[1] ?? '').length;
}

/** An instant in milliseconds as a literal of the type of event times. */
export function instantLiteral(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${Math.trunc(ms)}), 'UTC')`;
}

/** A name as an identifier. Names come from contracts and are checked there; quoting holds whatever they are. */
export function identifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, (character) => `\\${character}`)}\``;
}

/** The column of a field: `cart.total` lies in `cart__total`, since a point has a meaning of its own in ClickHouse; `$session` in `_session`, and `$user`, which is a person, in `_person`. */
export function columnOf(path: string): string {
  return identifier(columnName(path));
}

/** SQL of what a field holds, NULL where it was not given. Of users and sessions, an empty text says so. */
export function valueOf(path: string): string {
  return path === '$user' || path === '$session' ? `nullIf(${columnOf(path)}, '')` : columnOf(path);
}

/** {@link columnOf} without quotes. */
export function columnName(path: string): string {
  if (path === '$user') return PERSON_COLUMN;
  return path.startsWith('$') ? `_${path.slice(1)}` : path.replaceAll('.', '__');
}

/** The ClickHouse type in which a field is kept. */
export function columnType(type: FieldType): string {
  switch (type) {
    case 'TEXT':
      return 'Nullable(String)';
    case 'NUMBER':
      return `Nullable(Decimal(38, ${NUMBER_SCALE}))`;
    case 'INTEGER':
      return 'Nullable(Int64)';
    case 'FLAG':
      return 'Nullable(Bool)';
    case 'TIME':
      return "Nullable(DateTime64(3, 'UTC'))";
    case 'JSON':
      return 'Nullable(String)';
  }
}

/** Types in which NUMBER fields were kept by earlier versions, or before a version of a contract allowed fractions. */
const NARROWER_NUMBERS: readonly string[] = ['Nullable(Int64)', 'Nullable(Decimal(18, 6))'];

/** Whether a column becomes one of `type` without any value of it changing. */
export function canWiden(existing: string, type: FieldType): boolean {
  return type === 'NUMBER' && NARROWER_NUMBERS.includes(existing);
}
