import type { FieldType } from '../contracts/event-fields.js';
import { comparisonOf, type Filter, type FilterValue } from '../grammar/filter.js';
import { filterInstant } from '../grammar/filter-instant.js';
import { decimalLiteral, instantLiteral, textLiteral, valueOf } from './literals.js';

const OPERATORS = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** How a filter finds the column of a field and what it holds. */
export interface Columns {
  /** @throws UnknownColumn */
  type(field: string): FieldType;
  sql(field: string): string;
}

/** An unchecked filter names a field that the contract does not have. */
export class UnknownColumn extends Error {}

/** The columns of a contract's raw events. */
export function rawColumns(types: ReadonlyMap<string, FieldType>): Columns {
  return {
    type(field) {
      const type = types.get(field);
      if (!type) throw new UnknownColumn(`no field ${JSON.stringify(field)}`);
      return type;
    },
    sql: valueOf,
  };
}

/** A filter as a SQL condition. Every value is a literal of the field's own type; no text of the filter is SQL. */
export function compileFilter(filter: Filter, columns: Columns): string {
  if ('and' in filter) return joined(filter.and, 'AND', columns);
  if ('or' in filter) return joined(filter.or, 'OR', columns);
  if ('not' in filter) return `NOT (${compileFilter(filter.not, columns)})`;
  if ('exists' in filter) return `${columns.sql(known(filter.exists.field, columns))} IS NOT NULL`;
  if ('contains' in filter)
    return `position(${columns.sql(known(filter.contains.field, columns))}, ${textLiteral(filter.contains.text)}) > 0`;
  if ('in' in filter) {
    const { field, values } = filter.in;
    return `${columns.sql(field)} IN (${values.map((value) => literal(value, columns.type(field))).join(', ')})`;
  }
  const { operator, field, value } = comparisonOf(filter);
  return `${columns.sql(field)} ${OPERATORS[operator]} ${literal(value, columns.type(field))}`;
}

function joined(parts: readonly Filter[], word: 'AND' | 'OR', columns: Columns): string {
  return `(${parts.map((part) => compileFilter(part, columns)).join(` ${word} `)})`;
}

function known(field: string, columns: Columns): string {
  columns.type(field);
  return field;
}

function literal(value: FilterValue, type: FieldType): string {
  if (type === 'TIME') return instantLiteral(instantOf(value));
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return decimalLiteral(value);
  return textLiteral(value);
}

/** @throws RangeError where the filter was not checked */
function instantOf(value: FilterValue): number {
  const at = filterInstant(String(value));
  if (at === undefined) throw new RangeError(`${JSON.stringify(value)} is no instant`);
  return at;
}
