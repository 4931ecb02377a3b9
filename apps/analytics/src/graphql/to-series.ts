import type { Big } from 'big.js';
import type { Answered, AnsweringVersion } from '../queries/queries.js';
import type { AnsweredRow } from '../queries/metric-series.js';
import type { ReconciliationStatus } from '../reconciliation/reconciliation-state.js';
import {
  DimensionCell,
  FreshnessState,
  MetricSeries,
  MetricVersion,
  ReconciliationSummary,
  Route,
  Series,
  SeriesPoint,
  TimeBucket,
} from './series.object.js';

export const isoTime = (at: number): string => new Date(at).toISOString();
const orNull = (at: number | null): string | null => (at === null ? null : isoTime(at));

/** Converts an answer to class instances, because the union resolves its members by class. */
export function toMetricSeries(
  { answer, versions, catchingUp, freshness }: Answered,
  reconciliation: ReconciliationStatus | null,
): MetricSeries {
  const { body, intervals, finality } = answer;
  return Object.assign(new MetricSeries(), {
    metric: answer.metric,
    title: answer.metric === '' ? null : body.title,
    unit: body.unit ?? null,
    grain: answer.grain.toUpperCase(),
    timeZone: answer.timeZone,
    buckets: intervals.map(({ start, end }, index) =>
      Object.assign(new TimeBucket(), {
        start: isoTime(start),
        end: isoTime(end),
        finality: finality[index] ?? 'OPEN',
      }),
    ),
    series: answer.rows.map((row) => toSeries(row, answer)),
    limited: answer.limited,
    versions: versions.map(toVersion),
    catchingUp,
    route: Object.assign(new Route(), {
      source: answer.source.toUpperCase(),
      estimatedRows: answer.estimatedRows === null ? null : Math.min(answer.estimatedRows, 2 ** 31 - 1),
    }),
    freshness: Object.assign(new FreshnessState(), { watermark: orNull(freshness.watermark), lagMs: freshness.lagMs }),
    reconciliation: reconciliation && toReconciliation(reconciliation),
  });
}

function toVersion({ metric, landing, computation }: AnsweringVersion): MetricVersion {
  return Object.assign(new MetricVersion(), {
    metric,
    revision: landing?.revision ?? null,
    seq: landing?.seq ?? null,
    computation: computation ?? null,
  });
}

function toSeries(
  { dimensions, values, previous, shown }: AnsweredRow,
  { intervals, finality }: Answered['answer'],
): Series {
  const points = shown.map((index) => {
    const value = values[index] ?? null;
    const start = isoTime(intervals[index]?.start ?? 0);
    return Object.assign(new SeriesPoint(), {
      start,
      value: asNumber(value),
      exact: value?.toFixed() ?? null,
      finality: finality[index] ?? 'OPEN',
      previous: asNumber(previous[index] ?? null),
    });
  });
  return Object.assign(new Series(), {
    dimensions: dimensions.map((cell) => Object.assign(new DimensionCell(), cell)),
    points,
  });
}

export function toReconciliation({
  state,
  windows,
  different,
  checkedAt,
  authority,
}: ReconciliationStatus): ReconciliationSummary {
  return Object.assign(new ReconciliationSummary(), {
    state,
    windows,
    different,
    checkedAt: orNull(checkedAt),
    authority,
  });
}

function asNumber(value: Big | null): number | null {
  return value === null ? null : value.toNumber();
}
