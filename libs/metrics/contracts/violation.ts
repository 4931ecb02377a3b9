/** Codes of {@link Violation}; stable, for machines. */
export const VIOLATION_CODES = [
  'TYPE_NARROWED',
  'VALUE_NARROWED',
  'FIELD_NARROWED',
  'FIELD_REQUIRED',
  'FIELD_FORBIDDEN',
  'NOT_COMPARABLE',
] as const;
export type ViolationCode = (typeof VIOLATION_CODES)[number];

/** One reason why a reader cannot read everything that a writer may write. */
export interface Violation {
  code: ViolationCode;
  /** The field, by its path within the event: `cart.items[].price`; empty for the event as a whole. */
  field: string;
  /** The violated keyword of JSON Schema. */
  keyword: string;
  message: string;
}

/** `cart` and `total` become `cart.total`; `[]` stands for any element. */
export function fieldPath(parent: string, name: string): string {
  if (name === '[]') return `${parent}[]`;
  return parent === '' ? name : `${parent}.${name}`;
}
