import type { AdoptionBody, Json } from '@paddock/contracts';
import { diffBodies } from '../../documents/diff.js';

type Body = { [name: string]: Json };

/** Paths of a body that a release changes and that no written column holds. Pure. */
export function unwrittenPaths(
  { fields, fixed = [] }: Pick<AdoptionBody, 'fields' | 'fixed'>,
  live: Body | undefined,
  next: Body,
): string[] {
  const held = fields.flatMap(({ field, readOnly, transform }) =>
    readOnly
      ? []
      : [
          FIELD_PATHS[field] ?? field,
          ...(transform.timeZone === undefined ? [] : [field.replace(/\.\w+$/, '.timeZone')]),
        ],
  );
  // What every row of the table means without a column is no change of the row.
  const given = fixed.filter(({ field, value }) => valueAt(next, field) === value).map(({ field }) => field);
  const paths = diffBodies(live ?? {}, next).flatMap(({ path, after }) => leaves(path, after));
  return [...new Set(paths.filter((path) => ![...held, ...given].some((field) => within(path, field))))];
}

/** `shown` is what a status column makes of the audience. */
const FIELD_PATHS: Readonly<Record<string, string>> = { shown: 'audience.percentage' };

/** An empty text says nothing that a column could hold. */
function leaves(path: string, value: Json | undefined): string[] {
  if (value === '') return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, member]) => leaves(`${path}.${name}`, member));
}

function within(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`) || field.startsWith(`${path}.`);
}

function valueAt(body: Body, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (value, name) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined),
      body,
    );
}
