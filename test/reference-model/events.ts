import { compare, type Decimal, format } from './decimal.js';
import type { Link } from './persons.js';

/** The value of a field: a text, a flag, a number, or an instant. */
export type Value = string | boolean | Decimal | Date;

/** An event that was accepted and counts. */
export interface StoredEvent {
  readonly event: string;
  readonly id: string;
  /** When it happened, corrected for the sender's clock, in milliseconds. */
  readonly time: number;
  /** By field: those that it has. Fields of the envelope begin with `$`. */
  readonly values: ReadonlyMap<string, Value>;
  /** The event carries the ids of a user and of a visitor. */
  readonly link?: Link;
}

/** A value as text, one for each value: `a`, `1.5`, `true`. */
export function asText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return value instanceof Date ? value.toISOString() : format(value);
}

/** Orders two values of one type: texts by their bytes in UTF-8, numbers and instants by size. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (isDecimal(a) && isDecimal(b)) return compare(a, b);
  return Number(a) - Number(b);
}

export function isDecimal(value: Value): value is Decimal {
  return typeof value === 'object' && !(value instanceof Date);
}

/** The ids in an event; undefined where one is missing. An empty text counts as missing. */
export function entityOf({ values }: StoredEvent, field = '$user'): string | undefined {
  const value = values.get(field);
  const text = value === undefined ? '' : asText(value);
  return text === '' ? undefined : text;
}
