import type { SampledTable } from './column-roles.js';
import { splitName } from './column-words.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

/** A column whose values name rows of another table. */
export interface Relation {
  table: string;
  column: string;
  /** The other table, and the column of it that is named. */
  to: string;
  toColumn: string;
  /** The database has a foreign key of it; otherwise names and values say so. */
  declared: boolean;
}

/** A foreign key of one column, as information_schema tells it. */
export type ForeignKey = Omit<Relation, 'declared'>;

const SAMPLE_IS_ALL = 100;
/** Words of a column that say that it names a row, and not which. */
const ID_WORDS = new Set('id ids fk uid uuid guid ref no nr num code key'.split(' '));

/** Which columns name rows of which tables: by foreign keys, and without them by column names, if the values agree. */
export function relationsOf(tables: readonly SampledTable[], declared: readonly ForeignKey[]): Relation[] {
  const targets = tables.flatMap((table) => {
    const key = keyOf(table.schema);
    return key ? [{ table, key, names: namesOf(table.schema.name), values: valuesIn(table, key) }] : [];
  });
  return tables.flatMap(({ schema, ...rest }) =>
    schema.columns.flatMap((column): Relation[] => {
      const known = declared.find((one) => one.table === schema.name && one.column === column.name);
      if (known) return [{ ...known, declared: true }];
      if (
        column.autoIncrement ||
        column.generated ||
        !['NUMBER', 'TEXT', 'BINARY'].includes(column.family) ||
        (column.maxLength ?? 0) > 255
      )
        return [];
      const base = baseOf(column.name);
      if (!base) return [];
      const own = valuesIn({ schema, ...rest }, column);
      const agrees = ({ table, values, key }: (typeof targets)[number]) =>
        key.family === column.family &&
        own.size > 0 &&
        (table.rows.length >= SAMPLE_IS_ALL || [...own].every((value) => values.has(value)));
      const found = targets
        .filter((target) => target.table.schema.name !== schema.name || base === 'parent')
        .map((target) => ({ target, rank: rankOf(base, target.names) }))
        .filter(({ rank }) => rank > 0)
        .toSorted((a, b) => b.rank - a.rank || (a.target.table.schema.name < b.target.table.schema.name ? -1 : 1))
        .find(({ target }) => agrees(target));
      return found
        ? [
            {
              table: schema.name,
              column: column.name,
              to: found.target.table.schema.name,
              toColumn: found.target.key.name,
              declared: false,
            },
          ]
        : [];
    }),
  );
}

/** The table that a column refers to, found by its values alone: of the tables that `may` match, the only one that has all values. */
export function tableOfValues(
  sampled: SampledTable,
  column: ColumnSchema,
  tables: readonly SampledTable[],
  may: (table: SampledTable) => boolean,
): { table: SampledTable; key: ColumnSchema } | undefined {
  const own = valuesIn(sampled, column);
  if (own.size === 0) return undefined;
  const found = tables.flatMap((table) => {
    const key = keyOf(table.schema);
    if (!key || table.schema.name === sampled.schema.name || !may(table)) return [];
    const values = valuesIn(table, key);
    return [...own].every((value) => values.has(value)) ? [{ table, key }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

export function keyOf({ primaryKey, uniqueKeys, columns }: TableSchema): ColumnSchema | undefined {
  const [name, ...more] =
    primaryKey.length > 0 ? primaryKey : (uniqueKeys.find((key) => key.columns.length === 1)?.columns ?? []);
  return more.length > 0 ? undefined : columns.find((column) => column.name === name);
}

/** The values of a column in the sample that name something: no NULL, no empty text, no 0. */
export function valuesIn({ schema, rows }: SampledTable, column: ColumnSchema): Set<string> {
  const at = schema.columns.findIndex(({ name }) => name === column.name);
  return new Set(
    rows.flatMap((row) => {
      const cell = row[at];
      return cell && cell.length > 0 && cell.toString('latin1') !== '0' ? [cell.toString('hex')] : [];
    }),
  );
}

/** What a column names: `banner_id`, `id_banner`, `bannerId` and `fk_banner` name a banner. */
function baseOf(column: string): string | undefined {
  const words = splitName(column);
  const base = words.filter((word) => !ID_WORDS.has(word)).join('_');
  if (base === '' || base.length < 3) return words.length > 1 ? base || undefined : abbreviated(column);
  return words.length > base.split('_').length ? base : abbreviated(column);
}

/** Written together: `catid`, `bannerid`. */
function abbreviated(column: string): string | undefined {
  return /^([a-z]{3,})_?id$/i.exec(column)?.[1]?.toLowerCase();
}

/** What a row of a table may be called, the fullest name first. */
export function namesOf(table: string): string[] {
  const words = splitName(table);
  return words
    .map((_, at) => words.slice(at))
    .flatMap((rest) => {
      const last = rest.at(-1) ?? '';
      const singular = last.endsWith('ies')
        ? `${last.slice(0, -3)}y`
        : /(?:ss|x|ch|sh)es$/.test(last)
          ? last.slice(0, -2)
          : last.replace(/s$/, '');
      return [rest.join('_'), [...rest.slice(0, -1), singular].join('_')];
    });
}

/** How surely a name of a column means a table; 0 for not at all. */
function rankOf(base: string, names: readonly string[]): number {
  const at = names.indexOf(base);
  if (at >= 0) return 100 - at;
  const last = base.split('_').at(-1) ?? '';
  const byLast = last === base ? -1 : names.indexOf(last);
  if (byLast >= 0) return 50 - byLast;
  return base.length >= 3 && names.some((name) => !name.includes('_') && name.startsWith(base)) ? 10 : 0;
}
