import { columnFor, isShortText, type SampledTable, sampleOf } from './column-roles.js';
import type { Role } from './column-words.js';
import { statusValues } from './row-states.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

export type Roles = Partial<Record<Role, ColumnSchema>>;

/** Which columns of a table are what in a promo. */
export function promoRoles(sampled: SampledTable): Roles {
  const { schema } = sampled;
  // A column that names the rows by itself says nothing about them.
  const [key, ...more] = naturalKey(schema) ?? [];
  const id =
    more.length === 0 ? schema.columns.find(({ name, family }) => name === key && family !== 'TEXT') : undefined;
  const roles: Roles = {};
  for (const role of ['TITLE', 'IMAGE', 'URL', 'FROM', 'TO', 'SORT', 'GROUP', 'STATUS', 'MARKUP'] as const) {
    const taken = [...Object.values(roles), id];
    const column =
      columnFor(role, schema, taken) ??
      bySample(role, sampled, taken) ??
      (role === 'STATUS' ? columnFor(role, schema, taken, isShortText) : undefined);
    // A group by number is a foreign key as often as a place on a page.
    if (column && !(role === 'GROUP' && column.family === 'NUMBER')) roles[role] = column;
  }
  return roles;
}

/** The roles that suggest promos: a status with unknown values may be anything, even the state of a country. */
export function telling(sampled: SampledTable, roles: Roles): Roles {
  const { STATUS, ...others } = roles;
  return STATUS && statusValues(sampleOf(sampled, STATUS), STATUS) ? roles : others;
}

/** What only the values tell: seconds since 1970 in a number, pictures and states in columns that frameworks declare for any text. */
function bySample(
  role: Role,
  sampled: SampledTable,
  taken: readonly (ColumnSchema | undefined)[],
): ColumnSchema | undefined {
  const all = (column: ColumnSchema, meets: (text: string) => boolean) => {
    const values = sampleOf(sampled, column).filter((text) => text !== '' && text !== '0');
    return values.length > 0 && values.every(meets);
  };
  if (role === 'FROM' || role === 'TO')
    return columnFor(role, sampled.schema, taken, (column) => holdsSeconds(column) && all(column, isSeconds));
  if (role === 'IMAGE')
    return columnFor(
      role,
      sampled.schema,
      taken,
      (column) => column.family === 'TEXT' && column.charset !== null && all(column, isPicture),
    );
  if (role === 'STATUS')
    return columnFor(
      role,
      sampled.schema,
      taken,
      (column) => isShortText(column) && statusValues(sampleOf(sampled, column), column) !== undefined,
    );
  return undefined;
}

/** A column of whole numbers that may count seconds since 1970. */
export function holdsSeconds({ dataType }: ColumnSchema): boolean {
  return dataType === 'int' || dataType === 'bigint';
}

/** From 1990 to 2099. */
const isSeconds = (text: string): boolean =>
  /^\d+$/.test(text) && Number(text) >= 631_152_000 && Number(text) < 4_102_444_800;

export const isPicture = (text: string): boolean =>
  text.length <= 500 && /\.(?:gif|jpe?g|png|webp|svg|avif)(?:\?\S*)?$/i.test(text.trim());
