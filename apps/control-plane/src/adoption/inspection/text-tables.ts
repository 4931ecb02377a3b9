import type { AdoptionJoin } from '@paddock/contracts';
import { columnFor, type SampledTable } from './column-roles.js';
import type { Relation } from './relations.js';
import { columnNamed, type TableSchema } from './table-schema.js';

/** The table of the texts of another one, a row per language. */
export function textsOf(
  table: SampledTable,
  tables: readonly SampledTable[],
  relations: readonly Relation[],
): SampledTable | undefined {
  const hasTexts = ({ schema }: SampledTable) =>
    columnFor('LANGUAGE', schema) !== undefined &&
    (columnFor('TITLE', schema) ?? columnFor('MARKUP', schema)) !== undefined;
  return (
    tables.find((other) => isTextsOf(other, table) && hasTexts(other)) ??
    // Rows that are ordered or shown by themselves are more than texts.
    tables.find(
      (other) =>
        !NO_OWNER.test(table.schema.name) &&
        refersTo(other, table, relations) &&
        hasTexts(other) &&
        !columnFor('SORT', other.schema) &&
        !columnFor('STATUS', other.schema),
    )
  );
}

/** Languages and shops distinguish texts, and have no texts of their own. */
const NO_OWNER = /(?:^|_)(?:langs?|languages?|locales?|shops?|stores?|sites?|channels?)$/i;

function refersTo({ schema }: SampledTable, table: SampledTable, relations: readonly Relation[]): boolean {
  return (
    schema.name !== table.schema.name &&
    relations.some((one) => one.table === schema.name && one.to === table.schema.name)
  );
}

/** Is one the table of the texts of the other: `banners` and `banner_translations`? */
export function isTextsOf({ schema: { name } }: SampledTable, { schema }: SampledTable): boolean {
  return singulars(schema.name).some((base) => TEXTS.some((ending) => name === `${base}_${ending}`));
}

const TEXTS = [
  'content',
  'contents',
  'description',
  'descriptions',
  'lang',
  'langs',
  'translation',
  'translations',
  'text',
  'texts',
  'i18n',
  'l10n',
];

/** The name of a table, and what one of its rows may be called. */
function singulars(table: string): string[] {
  return [...new Set([table, table.replace(/s$/, ''), table.replace(/es$/, ''), table.replace(/ies$/, 'y')])];
}

/**
 * Which columns of the texts name the row that they belong to. An auto-increment id of the texts is not such a column,
 * even under the same name: it would join every text to a wrong row.
 */
export function joinOfTexts(
  table: TableSchema,
  texts: TableSchema,
  relations: readonly Relation[],
): AdoptionJoin['on'] | undefined {
  const [only = '', ...more] = table.primaryKey;
  const referring = (name: string) => columnNamed(texts, name) !== undefined && !isOwnId(name, texts);
  const known = relations.find((one) => one.table === texts.name && one.to === table.name && referring(one.column));
  if (known) return [{ column: known.toColumn, joined: known.column }];
  if (only !== '' && table.primaryKey.every(referring))
    return table.primaryKey.map((name) => ({ column: name, joined: name }));
  if (only === '' || more.length > 0) return undefined;
  const bases = singulars(table.name).flatMap((base) => [base, base.replace(/^[a-z0-9]+_/, '')]);
  const joined = [
    ...bases.flatMap((base) => [`${base}_${only}`, `${base}_id`, `id_${base}`, `${base}Id`]),
    'translatable_id',
    'master_id',
    'foreign_key',
    'parent_id',
    '_parent_id',
    'entity_id',
  ].find(referring);
  return joined === undefined ? undefined : [{ column: only, joined }];
}

/** A key of one column without a language in it names a text, not what it belongs to. */
function isOwnId(name: string, texts: TableSchema): boolean {
  return (
    columnNamed(texts, name)?.autoIncrement === true || (texts.primaryKey.length === 1 && texts.primaryKey[0] === name)
  );
}
