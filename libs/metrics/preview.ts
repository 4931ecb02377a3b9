import { isRecord } from './definition-reader.js';

/** How finely a preview shows a series. */
export const PREVIEW_GRAINS = ['minute', 'hour', 'day'] as const;
export type PreviewGrain = (typeof PREVIEW_GRAINS)[number];

/** The answer of a metric if it were live: the control plane requests it from analytics for the plan of a release. */
export interface MetricPreview {
  /** The recent time that it was read over, as instants. */
  from: number;
  to: number;
  /** The statements that were run. */
  sql: string[];
  /** Raw events that they read, by the engine's own estimate. */
  rowsRead: number;
  /** Raw events that are there: what a backfill has to go through. */
  rowsStored: number;
  /** How long the statements took, in milliseconds. */
  readMs: number | null;
  /** Estimated duration of a backfill, from the statements' time per row; 0 where everything is computed, `null` where nothing is computed ahead. */
  backfillMs: number | null;
  /** For each dimension, how many values it had within that time, and how many are kept apart. */
  dimensions: { name: string; values: number; limit: number }[];
  rows: PreviewRow[];
}

/** One bucket of time, step of a funnel or period of a retention. */
export interface PreviewRow {
  label: string;
  value: number | null;
  /** The value of the live metric; `null` where no metric is live, or where it is no series. */
  live: number | null;
}

/** Reads a preview as it came over the wire; `undefined` for anything else. */
export function parsePreview(value: unknown): MetricPreview | undefined {
  if (!isRecord(value)) return undefined;
  const { from, to, sql, rowsRead, rowsStored, readMs = null, backfillMs = null, dimensions, rows } = value;
  if (
    typeof from !== 'number' ||
    typeof to !== 'number' ||
    typeof rowsRead !== 'number' ||
    typeof rowsStored !== 'number'
  )
    return undefined;
  if (!isListOf(sql, isText) || !isListOf(dimensions, isDimension) || !isListOf(rows, isRow)) return undefined;
  // An earlier version of analytics does not say how long.
  if (!isNumberOrNull(readMs) || !isNumberOrNull(backfillMs)) return undefined;
  return { from, to, sql, rowsRead, rowsStored, readMs, backfillMs, dimensions, rows };
}

function isListOf<T>(value: unknown, is: (member: unknown) => member is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isDimension(value: unknown): value is MetricPreview['dimensions'][number] {
  return (
    isRecord(value) &&
    isText(value['name']) &&
    typeof value['values'] === 'number' &&
    typeof value['limit'] === 'number'
  );
}

function isRow(value: unknown): value is PreviewRow {
  return isRecord(value) && isText(value['label']) && isNumberOrNull(value['value']) && isNumberOrNull(value['live']);
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}
