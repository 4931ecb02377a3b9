import { MAX_KEY_LENGTH, type Json } from '@paddock/contracts';
import type { CompiledMapping, Row } from './compiled-mapping.js';
import { type FieldValues, assembleBody } from './assemble-body.js';
import { documentKeyOf } from './keys.js';
import { readField } from './read-field.js';
import { exactSchedules } from './exact-schedules.js';
import { cellText } from './transforms.js';

/** Why a row cannot become a document: where, what stands there, what is wrong with it. */
export interface RowProblem {
  /** Empty where the problem is not about one column. */
  column: string;
  /** As it stands in the row, shortened; `null` for NULL. */
  value: string | null;
  code: string;
  why: string;
  /** What it took along; absent: the whole row. */
  outcome?: 'VALUE_LEFT_OUT' | 'SETTING_LEFT_OUT';
}

/** What a transform left out of a row. */
export interface RowRemoval {
  column: string;
  what: string;
}

/** One row, read. */
export interface MappedRow {
  /** The values that name the row, as text. */
  rowKey: readonly string[];
  /** Key of the document that the row becomes, or becomes a part of. */
  documentKey: string | undefined;
  values: FieldValues;
  problems: RowProblem[];
  /** Bad values without which the document is whole. */
  leftOut: RowProblem[];
  removed: RowRemoval[];
}

/** Reads a row by its mapping. Pure; the body is judged by its kind afterwards. */
export function mapRow(row: Row, mapping: CompiledMapping): MappedRow {
  const { columns, keyLength, fields, gatherAt, body } = mapping;
  const shown = (at: number): string | null => cellShown(row[at] ?? null, mapping, at);
  const fixed = (body.fixed ?? []).map(({ field, value }): [string, Json] => [field, value]);
  const read: [string, Json][] = [];
  const problems: RowProblem[] = [];
  const leftOut: RowProblem[] = [];
  const removed: RowRemoval[] = [];
  for (const { field, column, at } of fields) {
    const reading = readField(row[at] ?? null, field, column.schema, body.documents);
    if (reading.state === 'VALUE') read.push([field.field, reading.value]);
    if (reading.state === 'VALUE' || reading.state === 'ABSENT') {
      removed.push(...(reading.removed ?? []).map((what) => ({ column: column.ref, what })));
      continue;
    }
    const problem = { column: column.ref, value: shortened(shown(at)), code: reading.code, why: reading.why };
    if (reading.state === 'UNFIT') problems.push(problem);
    else leftOut.push({ ...problem, outcome: 'VALUE_LEFT_OUT' });
  }
  const values = [...fixed, ...exactSchedules(read, row, mapping)];
  const rowKey = Array.from({ length: keyLength }, (_, at) => shown(at) ?? 'NULL');
  const naming = gatherAt ? gatherAt.map((at) => shown(at) ?? '') : rowKey;
  const documentKey = documentKeyOf(body.documents.keyPrefix, naming.join('-'));
  if (documentKey === undefined) {
    const at = gatherAt?.[0] ?? 0;
    problems.push({
      column: columns[at]?.ref ?? '',
      value: shortened(naming.join(', ')),
      code: 'NO_DOCUMENT_KEY',
      why: `makes no key of 1 to ${MAX_KEY_LENGTH} letters and digits for a document`,
    });
  }
  return { rowKey, documentKey, values, problems, leftOut, removed };
}

/** The cell as people see it; bytes that are no text as hexadecimal digits. */
export function cellShown(cell: Buffer | null, mapping: CompiledMapping, at: number): string | null {
  const column = mapping.columns[at];
  if (cell === null || !column) return null;
  const encoding = mapping.fields.find((field) => field.at === at)?.field.encoding;
  return cellText(cell, column.schema, encoding) ?? `0x${cell.toString('hex')}`;
}

export function shortened(value: string | null): string | null {
  return value !== null && value.length > 200 ? `${value.slice(0, 200)}…` : value;
}

/** The body of a document that one row makes. */
export function bodyOfRow(mapped: MappedRow, mapping: CompiledMapping): { [name: string]: Json } {
  return assembleBody(mapping.body.documents, [mapped.values]);
}
