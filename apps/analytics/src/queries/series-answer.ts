import { Big } from 'big.js';
import type { Filter, Grain } from '@paddock/metrics';
import type { Definitions } from '../definitions/definitions.js';
import type { ServedMetrics } from '../definitions/served-metrics.js';
import type { Rollups } from '../processor/rollups.js';
import type { Sources } from '../processor/sources.js';
import type { Finality } from '../processor/watermark.js';
import type { Engine } from '../store/engine.js';
import type { Interval } from './interval.js';
import type { Point, ReadPlan } from './simple-reader.js';

/** A reader cannot answer the query: one mistake, found while reading. */
export class UnanswerableQuery extends Error {
  constructor(
    readonly path: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A query of a metric: its value for each interval, split by dimensions. */
export interface SeriesQuery {
  metric: string;
  intervals: readonly Interval[];
  /** The grain whose buckets the intervals are; a metric with offsets is read by it. */
  grain?: Grain | undefined;
  /** The calendar that windows and offsets are counted on. */
  timeZone: string;
  dimensions?: readonly string[];
  filter?: Filter | undefined;
  /** Combinations of cells that stay apart; all others are merged into one, whose cells are all "other". */
  keep?: readonly (readonly string[])[] | undefined;
  /** The number of largest combinations that suffice. Metrics computed from several others return all. */
  top?: number | undefined;
  /** Beyond this many values the answer may be `cut`. */
  most?: number | undefined;
}

/** The values of one combination of dimension cells. */
export interface SeriesRow {
  cells: string[];
  /** By interval; `null` where there is no value. */
  values: (Big | null)[];
  /** By interval: whether the value was made from any event. */
  hasEvents: boolean[];
}

export interface SeriesAnswer {
  rows: SeriesRow[];
  /** The value of a combination without a row: 0 for counts, `null` for most others. */
  nothing: Big | null;
  /** By interval. */
  finality: Finality[];
  source: ReadPlan['source'];
  /** The estimated rows to read, where there is an estimate. */
  estimatedRows?: number;
  /** There were more values than `most`; some are missing. */
  cut?: boolean;
}

/** The sources of a metric's series. */
export interface SeriesContext {
  engine: Engine;
  definitions: Definitions;
  metrics: ServedMetrics;
  rollups: Rollups;
  sources: Sources;
  now: number;
}

/** A count of nothing. */
export const ZERO = new Big(0);

/** Points as rows by their cells, `nothing` where there is no point. Without dimensions there is always one row. */
export function toRows(points: readonly Point[], intervals: number, nothing: Big | null): SeriesRow[] {
  const every = <T>(value: T): T[] => Array.from({ length: intervals }, () => value);
  const rows = new Map<string, SeriesRow>();
  const rowOf = (cells: string[]): SeriesRow => {
    const key = JSON.stringify(cells);
    const known = rows.get(key) ?? { cells, values: every(nothing), hasEvents: every(false) };
    rows.set(key, known);
    return known;
  };
  if (points.every(({ cells }) => cells.length === 0)) rowOf([]);
  for (const { interval, cells, value } of points) {
    if (interval < 0) continue;
    const row = rowOf(cells);
    row.values[interval] = value;
    row.hasEvents[interval] = true;
  }
  return [...rows.values()];
}

const ORDER: readonly Finality[] = ['OPEN', 'REVISED', 'CLOSED', 'FINAL'];

export function leastFinal(all: readonly Finality[]): Finality {
  return ORDER.find((one) => all.includes(one)) ?? 'FINAL';
}
