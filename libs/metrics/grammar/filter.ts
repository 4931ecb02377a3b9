import type { DefinitionReader } from '../definition-reader.js';

/** The operand of a comparison. Times are RFC 3339 texts. */
export type FilterValue = string | number | boolean;

export const COMPARISONS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/**
 * A condition on the fields of an event: exactly one member per object. Fields are named by their path, `cart.total`,
 * and what every event has by `$user`, `$session`, `$producer`, `$contract`, `$bot`. A missing field fits no
 * comparison, as in SQL; `ne` and `not` do not change that.
 */
export type Filter =
  | { and: Filter[] }
  | { or: Filter[] }
  | { not: Filter }
  | { [comparison in Comparison]: { [one in comparison]: { field: string; value: FilterValue } } }[Comparison]
  | { in: { field: string; values: FilterValue[] } }
  | { contains: { field: string; text: string } }
  | { exists: { field: string } };

const MEMBERS = ['and', 'or', 'not', ...COMPARISONS, 'in', 'contains', 'exists'] as const;
const MAX_DEPTH = 10;
const MAX_PARTS = 50;
const MAX_VALUES = 1_000;
/** Placeholder for an unreadable filter; never used, because the reading then has a problem. */
const NONE: Filter = { and: [] };

/** Reads a filter, with every mistake in it. */
export function readFilter(from: DefinitionReader, depth = 0): Filter {
  const given = MEMBERS.filter((name) => from.has(name));
  const [member, ...others] = given;
  if (member === undefined || others.length > 0)
    return from.problem('', 'EXACTLY_ONE', `must have exactly one of ${MEMBERS.join(', ')}`, NONE);
  if (depth > MAX_DEPTH) return from.problem('', 'TOO_MANY', `filters may be nested ${MAX_DEPTH} deep`, NONE);
  const filter = readMember(from, member, depth);
  from.done();
  return filter;
}

function readMember(from: DefinitionReader, member: (typeof MEMBERS)[number], depth: number): Filter {
  switch (member) {
    case 'and':
      return { and: from.parts('and', { min: 1, max: MAX_PARTS }, (part) => readFilter(part, depth + 1)) };
    case 'or':
      return { or: from.parts('or', { min: 1, max: MAX_PARTS }, (part) => readFilter(part, depth + 1)) };
    case 'not':
      return { not: readFilter(from.part('not'), depth + 1) };
    case 'in':
      return {
        in: readOperand(from, 'in', (part, field) => ({
          field,
          values: part.list('values', { min: 1, max: MAX_VALUES }).map((value) => readValue(part, 'values', value)),
        })),
      };
    case 'contains':
      return { contains: readOperand(from, 'contains', (part, field) => ({ field, text: part.text('text') })) };
    case 'exists':
      return { exists: readOperand(from, 'exists', (_, field) => ({ field })) };
    default:
      return comparison(
        member,
        readOperand(from, member, (part, field) => ({ field, value: readValue(part, 'value', part.value('value')) })),
      );
  }
}

function comparison(member: Comparison, operand: { field: string; value: FilterValue }): Filter {
  switch (member) {
    case 'eq':
      return { eq: operand };
    case 'ne':
      return { ne: operand };
    case 'lt':
      return { lt: operand };
    case 'lte':
      return { lte: operand };
    case 'gt':
      return { gt: operand };
    case 'gte':
      return { gte: operand };
  }
}

function readOperand<T>(from: DefinitionReader, name: string, read: (part: DefinitionReader, field: string) => T): T {
  const part = from.part(name);
  const operand = read(part, part.text('field', { max: 200 }));
  part.done();
  return operand;
}

function readValue(from: DefinitionReader, name: string, value: unknown): FilterValue {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value === 'string' && value.length <= 1_000 && !value.includes('\0') && value.isWellFormed()) return value;
  return from.problem(name, 'WRONG_TYPE', 'must be a text of at most 1,000 characters, a number, or true or false', '');
}

/** The fields a filter names, each with its place below `path`. */
export function fieldsIn(
  filter: Filter,
  path: string,
): { field: string; path: string; values: readonly FilterValue[]; operator: string }[] {
  if ('and' in filter) return filter.and.flatMap((part, index) => fieldsIn(part, `${path}.and[${index}]`));
  if ('or' in filter) return filter.or.flatMap((part, index) => fieldsIn(part, `${path}.or[${index}]`));
  if ('not' in filter) return fieldsIn(filter.not, `${path}.not`);
  if ('in' in filter)
    return [{ field: filter.in.field, path: `${path}.in.field`, values: filter.in.values, operator: 'in' }];
  if ('contains' in filter)
    return [
      {
        field: filter.contains.field,
        path: `${path}.contains.field`,
        values: [filter.contains.text],
        operator: 'contains',
      },
    ];
  if ('exists' in filter)
    return [{ field: filter.exists.field, path: `${path}.exists.field`, values: [], operator: 'exists' }];
  const { operator, field, value } = comparisonOf(filter);
  return [{ field, path: `${path}.${operator}.field`, values: [value], operator }];
}

type ComparisonFilter = Exclude<
  Filter,
  { and: unknown } | { or: unknown } | { not: unknown } | { in: unknown } | { contains: unknown } | { exists: unknown }
>;

/** A comparison's operator and operands. */
export function comparisonOf(filter: ComparisonFilter): { operator: Comparison; field: string; value: FilterValue } {
  if ('eq' in filter) return { operator: 'eq', ...filter.eq };
  if ('ne' in filter) return { operator: 'ne', ...filter.ne };
  if ('lt' in filter) return { operator: 'lt', ...filter.lt };
  if ('lte' in filter) return { operator: 'lte', ...filter.lte };
  if ('gt' in filter) return { operator: 'gt', ...filter.gt };
  return { operator: 'gte', ...filter.gte };
}
