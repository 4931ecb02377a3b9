import type { AdoptionField, AdoptionJoin } from '#contracts';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { promoRoles, type Roles, telling } from './promo-roles.js';
import { fieldOf, keyPrefix, mappingOf, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { confidence, promoFields, scoreOf } from './propose-promos.js';
import { type ColumnSchema, columnNamed, type TableSchema } from './table-schema.js';

/** A table with a second one that holds its texts, a row per language: `ezpages` and `ezpages_content`. */
export function proposeTranslated(sampled: SampledTable, texts: SampledTable, options: ProposalOptions): Proposal[] {
  const on = joinOf(sampled.schema, texts.schema);
  const language = columnFor('LANGUAGE', texts.schema);
  const title = columnFor('TITLE', texts.schema);
  if (!on || !language || !title) return [];
  const key = sampled.schema.primaryKey;
  const own = promoRoles(sampled);
  const { TITLE: _, MARKUP: __, ...rest } = own;
  const theirs = textRoles(texts, title, rest);
  const score = scoreOf({ ...telling(sampled, rest), TITLE: title, ...theirs });
  if (!theirs.MARKUP && ![rest, theirs].some(({ URL: link, IMAGE }) => link ?? IMAGE)) return [];
  const { fields, reasons, warnings, fixed, where } = promoFields(sampled, rest, options);
  const ofTexts = promoFields(texts, theirs, options, `${texts.schema.name}.`);
  const ref = (column: ColumnSchema) => `${texts.schema.name}.${column.name}`;
  const first = mostFrequent(sampleOf(texts, language)) ?? '1';
  // A text that was deleted is none; the row that it belonged to is still there.
  const join: AdoptionJoin = { table: texts.schema.name, on, where: [{ column: language.name, operator: 'IN', values: [first] }, ...ofTexts.where] };
  const joinedFields: AdoptionField[] = [fieldOf(texts, title, { field: 'title', transform: { type: 'HTML_TEXT' } }, ref(title)), ...ofTexts.fields];
  const allFixed = [...fixed, ...ofTexts.fixed];
  const mapping = mappingOf(options, sampled.schema, key, {
    ...{ name: titleOf(sampled.schema.name), join, documents: { kind: 'promo', keyPrefix: keyPrefix(sampled.schema.name) } },
    ...{ fields: [...joinedFields, ...fields], ...(allFixed.length > 0 ? { fixed: allFixed } : {}), ...(where.length > 0 ? { where } : {}) },
  });
  const why = [`${texts.schema.name} holds the texts of ${sampled.schema.name}, a row per ${language.name}`, `${ref(title)} is the title`, ...ofTexts.reasons];
  return [{ confidence: confidence(score - 1), reasons: [...why, ...reasons], warnings: [`only ${language.name} ${first} is taken; adopt other languages by mappings of their own sites`, ...warnings, ...ofTexts.warnings], mapping }];
}

/** What a table of texts has besides the title, and the own table has not. */
function textRoles(texts: SampledTable, title: ColumnSchema, own: Roles): Roles {
  const roles: Roles = {};
  for (const role of ['IMAGE', 'URL', 'MARKUP'] as const) {
    const column = own[role] ? undefined : columnFor(role, texts.schema, [title, ...Object.values(roles)]);
    if (column) roles[role] = column;
  }
  return roles;
}

/** Is one the table of the texts of the other: `banners` and `banner_translations`? */
export function isTextsOf({ schema: { name } }: SampledTable, { schema }: SampledTable): boolean {
  return singulars(schema.name).some((base) => TEXTS.some((ending) => name === `${base}_${ending}`));
}

const TEXTS = ['content', 'contents', 'description', 'descriptions', 'lang', 'langs', 'translation', 'translations', 'text', 'texts', 'i18n', 'l10n'];

/** The name of a table, and what one of its rows may be called. */
function singulars(table: string): string[] {
  return [...new Set([table, table.replace(/s$/, ''), table.replace(/es$/, ''), table.replace(/ies$/, 'y')])];
}

/**
 * Which columns of the texts name the row that they belong to. A counted id of their own is none of them, although it has
 * the same name: by it every text would stand with the row of another.
 */
function joinOf(table: TableSchema, texts: TableSchema): AdoptionJoin['on'] | undefined {
  const [only = '', ...more] = table.primaryKey;
  const referring = (name: string) => columnNamed(texts, name) !== undefined && !isOwnId(name, texts);
  if (only !== '' && table.primaryKey.every(referring)) return table.primaryKey.map((name) => ({ column: name, joined: name }));
  if (only === '' || more.length > 0) return undefined;
  const bases = singulars(table.name).flatMap((base) => [base, base.replace(/^[a-z0-9]+_/, '')]);
  const joined = [...bases.flatMap((base) => [`${base}_${only}`, `${base}_id`, `id_${base}`, `${base}Id`]), 'translatable_id', 'master_id'].find(referring);
  return joined === undefined ? undefined : [{ column: only, joined }];
}

/** A key of one column without a language in it names a text, not what it belongs to. */
function isOwnId(name: string, texts: TableSchema): boolean {
  return columnNamed(texts, name)?.autoIncrement === true || (texts.primaryKey.length === 1 && texts.primaryKey[0] === name);
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counted = [...Map.groupBy(values, (value) => value)].map(([value, same]) => ({ value, count: same.length }));
  return counted.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))[0]?.value;
}
