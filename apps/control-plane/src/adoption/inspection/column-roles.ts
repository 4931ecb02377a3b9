import type { ValueFormat } from '@paddock/contracts';
import { cellText } from '../mapping/transforms.js';
import { type Role, WORDS, wordsOf } from './column-words.js';
import { isDisplayTime } from './display-times.js';
import { isSecretName } from './secrets.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

/** A table and its first rows, all columns in their order. */
export interface SampledTable {
  schema: TableSchema;
  rows: readonly (readonly (Buffer | null)[])[];
  /** Columns that stand for a value inside another one. */
  inner?: ReadonlyMap<ColumnSchema, { column: ColumnSchema; path: string; format: ValueFormat }>;
}

const ABOUT_PICTURE = new Set(['alt', 'width', 'height', 'size', 'caption', 'mime', 'credit']);

/** What a column must hold for a role. */
const HOLDS: Readonly<Record<Role, (column: ColumnSchema) => boolean>> = {
  // Some back offices keep titles in a column of 64 KB.
  TITLE: (column) => isText(column) && (column.maxLength ?? 0) >= 10,
  URL: isText,
  IMAGE: isShortText,
  MARKUP: (column) => isText(column) && (column.maxLength ?? 0) > 255,
  GROUP: (column) => isShortText(column) || column.family === 'NUMBER',
  SORT: ({ dataType }) => /int$/.test(dataType),
  STATUS: (column) =>
    column.family === 'NUMBER' ||
    (isShortText(column) && ((column.maxLength ?? 0) <= 20 || column.dataType === 'enum')),
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

export function isShortText(column: ColumnSchema): boolean {
  return isText(column) && (column.maxLength ?? 0) <= 500;
}

function isTime({ family }: ColumnSchema): boolean {
  return family === 'TIME';
}

/** The column that plays a role best: the one whose last telling word is the plainest, then the first in the table. */
export function columnFor(
  role: Role,
  { name, columns }: TableSchema,
  except: readonly (ColumnSchema | undefined)[] = [],
  holds = HOLDS[role],
): ColumnSchema | undefined {
  const taken = new Set(except.map((column) => column?.name));
  const candidates = columns.flatMap((column) => {
    if (taken.has(column.name) || column.autoIncrement || !holds(column) || isSecretName(column.name)) return [];
    if ((role === 'FROM' || role === 'TO') && !isDisplayTime(column.name, name)) return [];
    const words = wordsOf(column.name, name);
    // A description of a picture is neither a picture nor a text of the row.
    if ((role === 'IMAGE' || role === 'MARKUP') && words.some((word) => ABOUT_PICTURE.has(word))) return [];
    // `valid_until` is where it ends, although `valid` alone is where it begins.
    if (role === 'FROM' && words.some((word) => WORDS.TO.includes(word))) return [];
    const plainness = words.map((word) => WORDS[role].indexOf(word)).find((at) => at >= 0);
    return plainness === undefined ? [] : [{ column, extraWords: words.length - 1, plainness }];
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
