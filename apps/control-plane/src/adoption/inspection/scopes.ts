import type { AdoptionFilter } from '@paddock/contracts';
import { isLocale } from '@paddock/audience';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { splitName } from './column-words.js';
import { chooseLanguage } from './inner-columns.js';
import type { ProposalOptions } from './proposal.js';
import { keyOf } from './relations.js';
import type { RiskQuestion } from './risk.js';
import { listed, mostFrequent, noConditions, type RowConditions, valuesSeen } from './conditions.js';
import type { ColumnSchema } from './table-schema.js';

/** Values of a column of languages that stand for all of them. */
const EVERY_LANGUAGE = /^(?:\*|-1|all|und|zxx|x-default|any)?$/i;
const SHOP =
  /(?:^|_)(?:store|shop|site|website|channel|channels|stores|shops|tenant|domain|market)(?:_?(?:id|view|view_id|code))?$|^id_?(?:shop|store|site|channel)$/i;

/** What of several languages or shops is taken. */
export interface Scope {
  column: ColumnSchema;
  chosen: string;
  /** Every value except those that stand for all. */
  all: string[];
  conditions: RowConditions;
}

/** The language of rows: one of those in a column, with the rows that are for every language; `MISSING` where the one that was asked for has no rows. */
export function languageScope(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
  { ofTexts = false } = {},
): Scope | 'MISSING' | undefined {
  const column = columnFor('LANGUAGE', sampled.schema);
  if (!column) return undefined;
  const texts = sampleOf(sampled, column);
  const seen = valuesSeen(sampled, column, options);
  const languages = seen.filter((value) => !EVERY_LANGUAGE.test(value));
  if (sampled.rows.length === 0 && ofTexts)
    return scope(sampled, column, {
      chosen: options.language ?? (column.family === 'NUMBER' ? '1' : 'en'),
      all: [],
      forAll: [],
      code: 'OTHER_LANGUAGE',
      what: 'languages',
    });
  if (languages.length === 0 || languages.length > 60) return undefined;
  const codes = new Map(languages.map((value) => [value, codeOfLanguage(value, sampled, column, tables, options)]));
  if (column.family === 'TEXT' && ![...codes.values()].some((code) => code !== undefined)) return undefined;
  const wanted = options.language ?? options.preferredLanguage;
  const found = [...codes].find(
    ([value, code]) => value === wanted || (code !== undefined && chooseLanguage([code], wanted) !== undefined),
  )?.[0];
  if (found === undefined && options.language !== undefined) return 'MISSING';
  const chosen = found ?? mostFrequent(texts.filter((text) => languages.includes(text))) ?? languages[0] ?? '';
  return scope(sampled, column, {
    chosen,
    all: languages,
    forAll: seen.filter((value) => !languages.includes(value)),
    code: 'OTHER_LANGUAGE',
    what: 'languages',
  });
}

/** The shop of rows, where they belong to several. */
export function shopScope(sampled: SampledTable, options: ProposalOptions): Scope | undefined {
  const column = sampled.schema.columns.find(
    ({ name, family, autoIncrement }) =>
      SHOP.test(name) &&
      !autoIncrement &&
      (family === 'NUMBER' || family === 'TEXT') &&
      !/group|type|name|url/i.test(name),
  );
  if (!column) return undefined;
  const seen = valuesSeen(sampled, column, options);
  const shops = seen.filter((value) => value !== '0' && value !== '' && value !== '*');
  if (shops.length === 0 || shops.length > 200) return undefined;
  const chosen =
    shops.find((value) => value === options.shop) ??
    shops.toSorted((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))[0] ??
    '';
  return scope(sampled, column, {
    chosen,
    all: shops,
    forAll: seen.filter((value) => !shops.includes(value)),
    code: 'OTHER_SHOP',
    what: 'shops',
  });
}

interface Choice {
  chosen: string;
  all: string[];
  forAll: string[];
  code: 'OTHER_LANGUAGE' | 'OTHER_SHOP';
  what: string;
}

function scope(
  { schema, rows }: SampledTable,
  column: ColumnSchema,
  { chosen, all, forAll, code, what }: Choice,
): Scope {
  const values = [chosen, ...forAll.filter((value) => value !== '' || column.family === 'TEXT')];
  const others = all.filter((value) => value !== chosen);
  const at = schema.columns.findIndex(({ name }) => name === column.name);
  // NULL stands for all of them; no list of values has it.
  const hasNull = column.nullable && rows.some((row) => row[at] === null);
  const taken: AdoptionFilter = hasNull
    ? { column: column.name, operator: 'NOT_IN', values: others }
    : { column: column.name, operator: 'IN', values };
  const rest: AdoptionFilter = hasNull
    ? { column: column.name, operator: 'IN', values: others }
    : { column: column.name, operator: 'NOT_IN', values };
  const question: RiskQuestion = {
    code,
    effect: 'LOST',
    avoided: true,
    table: schema.name,
    column: column.name,
    where: [rest],
    say: (count) =>
      `left out: ${count} of other ${what} (${column.name} ${listed(others)}); only ${column.name} ${chosen} is taken`,
  };
  const conditions = {
    ...noConditions(),
    where: hasNull && others.length === 0 ? [] : [taken],
    reasons: [`${column.name} tells ${what} apart: ${chosen} is taken`],
    questions: others.length > 0 ? [question] : [],
  };
  return { column, chosen, all, conditions };
}

/** A language as a BCP 47 tag: the value itself, or what a table of languages says about it. */
export function codeOfLanguage(
  value: string,
  sampled: SampledTable,
  column: ColumnSchema,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): string | undefined {
  const own = asLocale(value);
  if (own !== undefined && column.family === 'TEXT') return own;
  const relation = options.relations.find(
    ({ table, column: name }) => table === sampled.schema.name && name === column.name,
  );
  const candidates = tables.filter(({ schema }) =>
    relation
      ? schema.name === relation.to
      : splitName(schema.name).some((word) => /^(?:langs?|languages?|locales?)$/.test(word)),
  );
  for (const table of candidates) {
    const key = keyOf(table.schema);
    const at = key ? table.schema.columns.indexOf(key) : -1;
    const row = table.rows.find(
      (cells) =>
        cells[at]?.toString('utf8') === value ||
        (key?.family === 'BINARY' && `0x${cells[at]?.toString('hex')}` === value),
    );
    const codes = table.schema.columns
      .filter(({ name }) =>
        splitName(name).some((word) => /^(?:code|iso|locale|lang|language|tag|isocode)$/.test(word)),
      )
      .flatMap((schema) => asLocale(row?.[table.schema.columns.indexOf(schema)]?.toString('utf8') ?? '') ?? []);
    const [longest] = codes.toSorted((a, b) => b.length - a.length);
    if (longest !== undefined) return longest;
  }
  return undefined;
}

function asLocale(text: string): string | undefined {
  const tag = text.replaceAll('_', '-');
  return /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag) && isLocale(tag) ? tag : undefined;
}
