import { cellText } from '../mapping/transforms.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

/** A table and its first rows, all columns in their order. */
export interface SampledTable {
  schema: TableSchema;
  rows: readonly (readonly (Buffer | null)[])[];
}

/** What a column seems to be for. */
export type Role = 'TITLE' | 'URL' | 'IMAGE' | 'MARKUP' | 'GROUP' | 'SORT' | 'STATUS' | 'FROM' | 'TO' | 'NAME' | 'VALUE' | 'PAGE' | 'LANGUAGE' | 'DESCRIPTION';

/** Words of column names that speak for a role, the plainest first. */
const WORDS: Readonly<Record<Role, RegExp>> = {
  TITLE: /^(?:title|headline|heading|caption|subject|name|label)$/,
  URL: /^(?:url|link|href|target|destination|uri)$/,
  IMAGE: /^(?:image|img|picture|photo|pic|thumbnail|thumb|banner|file|filename|src|icon|logo)$/,
  MARKUP: /^(?:html|text|content|body|copy|markup|description|message)$/,
  GROUP: /^(?:group|position|zone|slot|location|area|placement|section|region|place|column)$/,
  SORT: /^(?:sort|order|ordering|sequence|seq|rank|weight|priority|sortorder|position|pos)$/,
  STATUS: /^(?:status|active|enabled|visible|published|live|online|show|shown|state|isactive)$/,
  FROM: /^(?:start|starts|from|begin|begins|scheduled|schedule|available|publish|publishfrom|startdate|valid)$/,
  TO: /^(?:end|ends|expire|expires|expiry|until|to|stop|expiration|enddate|validto)$/,
  NAME: /^(?:key|name|code|setting|option|param|parameter|variable|path|identifier)$/,
  VALUE: /^(?:value|val|setting|data)$/,
  PAGE: /^(?:page|template|theme|view|layout|screen|route)$/,
  LANGUAGE: /^(?:language|languages|lang|locale)$/,
  DESCRIPTION: /^(?:description|comment|help|note|info)$/,
};

/** What a column must hold for a role. */
const HOLDS: Readonly<Record<Role, (column: ColumnSchema) => boolean>> = {
  // WordPress keeps titles in a column of 64 KB.
  TITLE: (column) => isText(column) && (column.maxLength ?? 0) >= 10,
  URL: isText,
  IMAGE: isShortText,
  MARKUP: (column) => isText(column) && (column.maxLength ?? 0) > 255,
  GROUP: (column) => isShortText(column) || column.family === 'NUMBER',
  SORT: ({ dataType }) => /int$/.test(dataType),
  STATUS: (column) => column.family === 'NUMBER' || (isShortText(column) && ((column.maxLength ?? 0) <= 20 || column.dataType === 'enum')),
  FROM: isTime,
  TO: isTime,
  NAME: isShortText,
  VALUE: isText,
  PAGE: isShortText,
  LANGUAGE: (column) => isShortText(column) || column.family === 'NUMBER',
  DESCRIPTION: isText,
};

function isText({ family, dataType, charset }: ColumnSchema): boolean {
  return family === 'TEXT' && charset !== null && dataType !== 'set';
}

function isShortText(column: ColumnSchema): boolean {
  return isText(column) && (column.maxLength ?? 0) <= 500;
}

function isTime({ family }: ColumnSchema): boolean {
  return family === 'TIME';
}

/** The words of a column's name, without those of its table's name: `banners_html_text` in `banners` → html, text. */
export function wordsOf(column: string, table: string): string[] {
  const split = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  const ofTable = new Set(split(table).flatMap((word) => [word, word.replace(/s$/, '')]));
  const words = split(column).filter((word) => !/^(?:is|has|the|date|at|on|no|num|id)$/.test(word));
  const own = words.filter((word) => !ofTable.has(word) && !ofTable.has(word.replace(/s$/, '')));
  return own.length > 0 ? own : words;
}

/** The column that plays a role best: the one whose last telling word is the plainest, then the first in the table. */
export function columnFor(role: Role, { name, columns }: TableSchema, except: readonly (ColumnSchema | undefined)[] = []): ColumnSchema | undefined {
  const taken = new Set(except.map((column) => column?.name));
  const candidates = columns.flatMap((column) => {
    if (taken.has(column.name) || column.autoIncrement || !HOLDS[role](column)) return [];
    const words = wordsOf(column.name, name);
    const at = words.findIndex((word) => WORDS[role].test(word));
    if (at < 0) return [];
    const plainness = `|${WORDS[role].source.replace(/[^\w|]/g, '')}|`.indexOf(`|${words[at]}|`);
    return [{ column, extraWords: words.length - 1, plainness }];
  });
  return candidates.toSorted((a, b) => a.extraWords - b.extraWords || a.plainness - b.plainness)[0]?.column;
}

/** The texts of a column in the sample, NULLs and unreadable cells left out. */
export function sampleOf({ schema, rows }: SampledTable, column: ColumnSchema | undefined): string[] {
  const at = column ? schema.columns.indexOf(column) : -1;
  if (at < 0 || !column) return [];
  return rows.flatMap((row) => {
    const cell = row[at];
    const text = cell ? cellText(cell, column) : undefined;
    return text === undefined ? [] : [text];
  });
}

/** Cells of a column beyond ASCII, as they are stored. */
export function nonAscii({ schema, rows }: SampledTable, column: ColumnSchema): Buffer[] {
  const at = schema.columns.indexOf(column);
  return rows.flatMap((row) => {
    const cell = row[at];
    return cell?.some((byte) => byte > 0x7f) ? [cell] : [];
  });
}
