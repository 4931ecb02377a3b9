import { simpleMetrics, textLiteral } from '@paddock/metrics';
import type { SeriesContext } from '../queries/series-answer.js';
import type { Engine } from '../store/engine.js';
import { rawTable } from '../store/raw-table.js';

/** The measured cost of reading raw events. */
export interface MeasuredRead {
  ms: number;
  statements: number;
  rows: number;
}

/** Windows are computed a day at a time, newest first. */
const MINUTES_AT_ONCE = 1_440;

/**
 * Estimates how long a metric takes to compute for all stored events: its rows at the measured pace, plus the fixed
 * cost of a statement for each day. Existing rollups cost nothing. `null` for metrics that are not computed ahead.
 * @param trial the definitions as they would be
 */
export async function backfillMs(
  trial: SeriesContext,
  context: SeriesContext,
  metric: string,
  measured: MeasuredRead,
): Promise<number | null> {
  const versions = simpleMetrics(metric, trial.definitions).flatMap((key) => trial.metrics.current(key) ?? []);
  if (versions.length === 0) return null;
  const missing = versions.filter(({ rollup }) => !context.rollups.caughtUp(rollup));
  if (missing.length === 0) return 0;
  const floorMs = await floor(context.engine, rawTable(missing[0]?.compiled.event ?? ''));
  const msPerRow = measured.rows === 0 ? 0 : Math.max(0, measured.ms - measured.statements * floorMs) / measured.rows;
  const costs = await Promise.all(
    missing.map(async ({ compiled: { event } }) => {
      const [stored] = await context.engine.select(`SELECT count() AS n FROM ${rawTable(event)}`);
      const [days] = await context.engine.select(
        `SELECT uniqExact(intDiv(minute, ${MINUTES_AT_ONCE})) AS n FROM touched WHERE event = ${textLiteral(event)}`,
      );
      return Number(stored?.['n'] ?? 0) * msPerRow + Number(days?.['n'] ?? 0) * floorMs;
    }),
  );
  return Math.ceil(costs.reduce((sum, cost) => sum + cost, 0));
}

/** The cost of a statement that reads nothing. */
async function floor(engine: Engine, table: string): Promise<number> {
  const started = performance.now();
  await engine.select(`SELECT count() AS n FROM ${table} FINAL WHERE _time < toDateTime64(1, 3, 'UTC')`);
  return performance.now() - started;
}
