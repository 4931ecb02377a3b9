import type { AdoptionField, Json, TransformType } from '@paddock/contracts';
import type { ColumnFamily, ColumnSchema } from '../inspection/table-schema.js';

/** What a column says: a value, nothing, or something that does not fit. */
export type Reading =
  | { state: 'VALUE'; value: Json; removed?: readonly string[] }
  | { state: 'ABSENT'; removed?: readonly string[] }
  | { state: 'UNFIT'; code: string; why: string };

/** What a column shall hold for a field's value. */
export type Writing = { state: 'TEXT'; text: string } | { state: 'NULL' } | { state: 'UNFIT'; why: string };

/** Turns the text of a column into a field and, where nothing is lost on the way, back. Pure. */
export interface Transform {
  readonly type: TransformType;
  /** The columns that it takes. */
  readonly families: readonly ColumnFamily[];
  /** Options that it needs or takes; others are refused. */
  readonly options: readonly (
    'none' | 'timeZone' | 'prefix' | 'top' | 'shown' | 'hidden' | 'values' | 'httpLinks' | 'lineBreaks' | 'shortCodes'
  )[];
  readonly required?: readonly ('timeZone' | 'prefix' | 'values')[];
  /** `text` is never empty and never one of the values that mean none. */
  read(text: string, field: AdoptionField, column: ColumnSchema): Reading;
  /** Absent where it cannot be undone. */
  write?(value: Json, field: AdoptionField, column: ColumnSchema): Writing;
}

export const value = (value: Json): Reading => ({ state: 'VALUE', value });
export const unfit = (code: string, why: string): Reading & Writing => ({ state: 'UNFIT', code, why });
export const text = (text: string): Writing => ({ state: 'TEXT', text });
