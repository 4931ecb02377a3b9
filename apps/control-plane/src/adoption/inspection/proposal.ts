import { isUtf8 } from 'node:buffer';
import type { AdoptionBody, AdoptionField, ColumnEncoding } from '@paddock/contracts';
import { decodeText } from '../mapping/charsets.js';
import { toKey } from '../mapping/keys.js';
import { nonAscii, type SampledTable, sampleOf } from './column-roles.js';
import type { Relation } from './relations.js';
import type { RiskQuestion } from './risk.js';
import type { ColumnSchema } from './table-schema.js';

/** How many names of settings are looked at for secrets. */
export const MAX_NAMES = 3_000;

/** A mapping that a table suggests, with what speaks for it and what to look at first. */
export interface Proposal {
  /** 0 to 100. */
  confidence: number;
  reasons: string[];
  /** Points that the user of the proposal should check. */
  warnings: string[];
  /** Rows to count before the proposal is used. */
  questions: RiskQuestion[];
  mapping: AdoptionBody;
  /** What of the back office it takes where there are several: other languages and shops can be asked for. */
  scope?: {
    /** As a BCP 47 tag, where that is known. */
    language: string | undefined;
    /** Tags where they are known, else as the back office writes them. */
    otherLanguages: readonly string[];
    shop: string | undefined;
    otherShops: readonly string[];
  };
}

export interface SettingNames {
  secret: readonly string[];
  structured: readonly string[];
}

/** What the caller wants of all proposals. */
export interface ProposalOptions {
  source: string;
  environment: string;
  site: string | undefined;
  /** Zone of the back office's clocks. */
  timeZone: string;
  /** The language that is taken where there are several, as a tag or as the back office writes it. */
  language?: string;
  /** The default language of all tables, where the request names none. */
  preferredLanguage?: string;
  /** The shop that is taken where there are several, as the back office writes it. */
  shop?: string;
  relations: readonly Relation[];
  /** Every value of a column where there are few, for columns that are mapped value by value. */
  valuesOf(table: string, column: string): readonly string[] | undefined;
  /** Values of a column up to `MAX_NAMES`: names of settings, each of which may be a secret. */
  allValuesOf(table: string, column: string): readonly string[] | undefined;
  /** Names of settings whose values hold a secret, or several values in one text. */
  settingsOf(table: string, name: string, value: string): SettingNames | undefined;
}

export function mappingOf(
  options: ProposalOptions,
  table: SampledTable['schema'],
  key: readonly string[],
  rest: Pick<AdoptionBody, 'name' | 'documents' | 'fields'> & Partial<AdoptionBody>,
): AdoptionBody {
  const { site, ...documents } = { ...(options.site === undefined ? {} : { site: options.site }), ...rest.documents };
  return {
    ...{ source: options.source, environment: options.environment, mode: 'OBSERVE', table: table.name, key: [...key] },
    ...rest,
    documents: { ...documents, ...(site === undefined ? {} : { site }) },
  };
}

/** A field with the encoding that the column's bytes really have; `of` is what is put before the column's name. */
export function fieldOf(
  sampled: SampledTable,
  column: ColumnSchema,
  field: Omit<AdoptionField, 'column' | 'encoding'>,
  of = '',
): AdoptionField {
  const inner = sampled.inner?.get(column);
  const encoding = encodingOf(sampled, inner?.column ?? column);
  const place = inner
    ? {
        column: `${of}${inner.column.name}`,
        path: inner.path,
        ...(inner.format === 'JSON' ? {} : { format: inner.format }),
        readOnly: true,
      }
    : { column: `${of}${column.name}` };
  return { ...field, ...place, ...(encoding === 'DECLARED' ? {} : { encoding }) };
}

/** Bytes beyond ASCII tell: UTF-8 hardly ever looks like anything else by chance. */
export function encodingOf(sampled: SampledTable, column: ColumnSchema): ColumnEncoding {
  const cells = column.family === 'TEXT' ? nonAscii(sampled, column) : [];
  if (cells.length === 0) return 'DECLARED';
  if (column.charset === 'latin1' && cells.every((cell) => isUtf8(cell))) return 'UTF8_IN_LATIN1';
  const twice =
    column.charset?.startsWith('utf8') &&
    cells.every((cell) => decodeText(cell, column.charset ?? '', 'LATIN1_IN_UTF8') !== undefined);
  return twice ? 'LATIN1_IN_UTF8' : 'DECLARED';
}

/** Values that stand for "none" in a column of dates: what its default and its rows have of them. */
export function zeroDates(sampled: SampledTable, column: ColumnSchema): string[] {
  const given = [column.defaultValue?.replace(/^'|'$/g, '') ?? '', ...sampleOf(sampled, column)];
  return [...new Set(given.filter((text) => /^0000-|^0001-01-01/.test(text)))];
}

/** Groups as keys, value by value where they are few, so that they can be written back. */
export function groupTransform(
  options: ProposalOptions,
  sampled: SampledTable,
  column: ColumnSchema,
): AdoptionField['transform'] {
  const known = sampled.inner?.has(column) ? undefined : options.valuesOf(sampled.schema.name, column.name);
  const values = known?.filter((value) => value !== '');
  const pairs = (values ?? []).map((value) => ({
    column: value,
    field: /^\d+$/.test(value) ? `${toKey(column.name) ?? 'group'}-${value}` : toKey(value),
  }));
  const distinct = new Set(pairs.map(({ field }) => field));
  const usable = pairs.flatMap(({ column: value, field }) => (field === undefined ? [] : [{ column: value, field }]));
  if (usable.length > 0 && usable.length === pairs.length && distinct.size === pairs.length)
    return { type: 'VALUES', values: usable };
  return { type: 'KEY', ...(column.family === 'NUMBER' ? { prefix: `${toKey(column.name) ?? 'group'}-` } : {}) };
}

export function keyPrefix(table: string): string {
  return `${toKey(table) ?? 'row'}-`;
}

/** `ezpages_content` → `Ezpages content`. */
export function titleOf(table: string): string {
  const words = table.replace(/[_-]+/g, ' ').trim();
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`.slice(0, 150);
}

/** How many of the texts meet a condition, as people say it. */
export function share(texts: readonly string[], meets: (text: string) => boolean): string {
  return `${texts.filter(meets).length} of ${texts.length} sampled`;
}
