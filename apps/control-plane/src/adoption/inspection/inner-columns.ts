import type { Json, ValueFormat } from '@paddock/contracts';
import { isLocale } from '@paddock/audience';
import { parseValues, pathOf, stepTo } from '../mapping/inner-values.js';
import { cellText } from '../mapping/transforms.js';
import type { SampledTable } from './column-roles.js';
import { splitName } from './column-words.js';
import { isSecretName } from './secrets.js';
import type { ColumnSchema } from './table-schema.js';

/** A value inside the values of a column, as a column of its own. */
export interface InnerColumn {
  column: ColumnSchema;
  path: string;
  format: ValueFormat;
}

/** Of each cell, this much is sampled. */
export const SAMPLE_BYTES = 4_000;
/** The language that was asked for, and the one that is taken unasked. */
export interface Wanted {
  language?: string;
  preferredLanguage?: string;
}

const MAX_DEPTH = 5;
const MAX_INNER = 80;

/**
 * A table with the values inside its structured columns as columns of their own, in place of those. Of values that come once per
 * language only the wanted one is there, or the first; `languages` says which there are.
 */
export function withInnerColumns(
  sampled: SampledTable,
  wanted: Wanted,
): SampledTable & { languages: Map<string, number>; language: string | undefined; lists: Set<number> } {
  const { schema, rows } = sampled;
  const lists = new Set<number>();
  const languages = new Map<string, number>();
  const inner = new Map<ColumnSchema, InnerColumn>();
  const cells: Buffer[][] = rows.map(() => []);
  const columns: ColumnSchema[] = [];
  const kept: number[] = [];
  let taken: string | undefined;
  for (const [at, column] of schema.columns.entries()) {
    const values = valuesOf(sampled, column, at);
    if (!values) {
      columns.push(column);
      kept.push(at);
      continue;
    }
    const found = new Map<string, { name: string; texts: Map<number, string> }>();
    const seen = (path: string, name: string, row: number, text: string) => {
      const entry = found.get(path) ?? { name, texts: new Map<number, string>() };
      if (found.size < MAX_INNER || found.has(path)) found.set(path, entry);
      entry.texts.set(row, text);
    };
    const chosen = languageOf(values.parsed, wanted, languages);
    taken ??= chosen;
    for (const [row, value] of values.parsed)
      walk(
        value,
        { steps: [], names: [column.name], depth: 0, chosen, onList: () => lists.add(row) },
        (path, name, text) => seen(path, name, row, text),
      );
    for (const [path, { name, texts }] of found) {
      const short = name.split('.').slice(-2).join('.');
      const virtual = virtualColumn(column, columns.some((other) => other.name === short) ? name : short, texts);
      inner.set(virtual, { column, path, format: values.format });
      columns.push(virtual);
      kept.push(-1);
      cells.forEach((row, index) => row.push(Buffer.from(texts.get(index) ?? '', 'utf8')));
    }
  }
  if (inner.size === 0 && columns.length === schema.columns.length)
    return { ...sampled, languages, language: taken, lists };
  return {
    schema: { ...schema, columns },
    rows: rows.map((row, index) => {
      let next = 0;
      return kept.map((at) => (at >= 0 ? (row[at] ?? null) : (cells[index]?.[next++] ?? null)));
    }),
    inner,
    languages,
    language: taken,
    lists,
  };
}

function virtualColumn(column: ColumnSchema, name: string, texts: ReadonlyMap<number, string>): ColumnSchema {
  const whole = [...texts.values()].every((text) => /^-?\d{1,15}$/.test(text));
  const longest = Math.max(0, ...[...texts.values()].map((text) => text.length));
  return {
    ...{
      name,
      dataType: whole ? 'bigint' : 'varchar',
      columnType: column.columnType,
      family: whole ? 'NUMBER' : 'TEXT',
      nullable: true,
      defaultValue: null,
    },
    ...{
      autoIncrement: false,
      generated: true,
      updatesItself: false,
      charset: whole ? null : 'utf8mb4',
      collation: null,
      maxLength: whole ? null : longest > 250 ? 65_535 : 500,
    },
  };
}

/** The values of a column that holds several in one text, by row; `undefined` where it holds anything else. */
function valuesOf(
  { rows }: SampledTable,
  column: ColumnSchema,
  at: number,
): { parsed: Map<number, Json>; format: ValueFormat } | undefined {
  if (column.family !== 'TEXT' || column.charset === null) return undefined;
  const parsed = new Map<number, Json>();
  let format: ValueFormat | undefined;
  for (const [row, cells] of rows.entries()) {
    const cell = cells[at];
    const text = cell && cell.length > 0 ? cellText(cell, column)?.trim() : undefined;
    if (!text) continue;
    const own: ValueFormat = /^[[{]/.test(text) ? 'JSON' : 'PHP_SERIALIZED';
    const value = parseValues(text, own);
    // A sampled text is cut after some length; what it began as still shows what the column holds.
    if (value === undefined && cell && cell.length >= SAMPLE_BYTES) continue;
    if (typeof value !== 'object' || value === null || (format && own !== format)) return undefined;
    format = own;
    parsed.set(row, value);
  }
  return format && { parsed, format };
}

const LANGUAGE_MEMBER = /^(?:languages?_?(?:code|id)?|locale|lang(?:code)?)$/i;

const isLanguage = (name: string): boolean =>
  /^[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?$/.test(name) && isLocale(name.replace('_', '-'));

/** Names that are languages, and nothing else: `{"en": …, "de": …}`. */
function isByLanguage(value: object): boolean {
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => isLanguage(name) && LANGUAGES.has(name.split(/[-_]/)[0] ?? ''));
}

const LANGUAGES = new Set(
  'ar bg bn bs ca cs da de el en es et eu fa fi fr ga gl he hi hr hu id is it ja ka kk ko lt lv mk ms mt nb nl nn no pl pt ro ru sk sl sq sr sv th tr uk ur vi zh'.split(
    ' ',
  ),
);

/** Counts the rows of each language, and chooses one. */
function languageOf(
  parsed: ReadonlyMap<number, Json>,
  wanted: Wanted,
  languages: Map<string, number>,
): string | undefined {
  const counts = new Map<string, number>();
  for (const value of parsed.values())
    for (const language of languagesIn(value, 0)) counts.set(language, (counts.get(language) ?? 0) + 1);
  for (const [language, count] of counts) languages.set(language, Math.max(count, languages.get(language) ?? 0));
  const found = chooseLanguage([...counts.keys()], wanted.language ?? wanted.preferredLanguage);
  // What was asked for and is not there is not replaced by another language.
  if (found !== undefined || wanted.language !== undefined) return found;
  return [...counts].toSorted(([a, x], [b, y]) => y - x || Number(b === 'en') - Number(a === 'en'))[0]?.[0];
}

/** The one of some languages that is meant by another spelling: `de` by `de-DE`, `de_DE` by `de`. */
export function chooseLanguage(found: readonly string[], wanted: string | undefined): string | undefined {
  const plain = (language: string) => language.toLowerCase().replace('_', '-');
  if (wanted === undefined) return undefined;
  const primary = (language: string) => plain(language).split('-')[0];
  return (
    found.find((language) => plain(language) === plain(wanted)) ??
    found.find((language) => primary(language) === primary(wanted))
  );
}

function languagesIn(value: Json, depth: number): Set<string> {
  const found = new Set<string>();
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return found;
  if (Array.isArray(value)) {
    for (const member of value) {
      const [, language] = languageMember(member) ?? [];
      if (language !== undefined) found.add(language);
    }
  } else if (isByLanguage(value)) for (const name of Object.keys(value)) found.add(name);
  for (const member of Object.values(value)) for (const language of languagesIn(member, depth + 1)) found.add(language);
  return found;
}

function languageMember(value: Json): [name: string, language: string] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const [name, member] of Object.entries(value))
    if (LANGUAGE_MEMBER.test(name) && typeof member === 'string' && isLanguage(member)) return [name, member];
  return undefined;
}

interface Place {
  steps: string[];
  names: string[];
  depth: number;
  chosen: string | undefined;
  /** A list has more members than the first, which alone is read. */
  onList(): void;
}

function walk(value: Json, place: Place, found: (path: string, name: string, text: string) => void): void {
  const { steps, names, depth, chosen, onList } = place;
  if (typeof value !== 'object' || value === null) {
    if (value !== null && steps.length > 0 && value !== '')
      found(pathOf(steps), names.join('.'), typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
    return;
  }
  if (depth >= MAX_DEPTH) return;
  const next = (step: string, member: Json, name?: string) =>
    walk(
      member,
      {
        steps: [...steps, step],
        names: name === undefined ? names : [...names, name],
        depth: depth + 1,
        chosen,
        onList,
      },
      found,
    );
  if (Array.isArray(value)) {
    const [name] = value.flatMap((member) => languageMember(member) ?? []);
    const own = name === undefined ? undefined : value.find((member) => languageMember(member)?.[1] === chosen);
    if (own !== undefined && name !== undefined) next(`[${name}=${chosen}]`, own);
    else if (name === undefined && value[0] !== undefined) {
      if (value.length > 1 && typeof value[0] === 'object') onList();
      next('[0]', value[0]);
    }
  } else if (isByLanguage(value)) {
    const own = chosen === undefined ? undefined : value[chosen];
    if (chosen !== undefined && own !== undefined) next(stepTo(chosen), own);
  } else {
    for (const [name, member] of Object.entries(value))
      if (!isSecretName(name) && splitName(name).length > 0) next(stepTo(name), member, name);
  }
}
