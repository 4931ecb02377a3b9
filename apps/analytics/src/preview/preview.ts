import {
  buckets,
  bucketAt,
  inputsOf,
  type MetricPreview,
  type PreviewGrain,
  type PreviewRow,
  selectionsOf,
  textLiteral,
} from '@paddock/metrics';
import type { Analytics } from '../analytics.js';
import type { Definitions } from '../definitions/definitions.js';
import { readFunnel } from '../queries/funnel.js';
import type { Interval } from '../queries/interval.js';
import { readRetention } from '../queries/retention.js';
import { readSeries } from '../queries/series.js';
import type { SeriesContext } from '../queries/series-answer.js';
import type { Engine } from '../store/engine.js';
import { rawTable, storedFields } from '../store/raw-table.js';
import { WINDOW_MS } from '../store/store.js';
import { backfillMs } from './backfill-time.js';
import { dimensionValues } from './dimension-values.js';

const HOUR_MS = 3_600_000;
/** The time that is read, back from the end of the last bucket that has events. */
const SPANS: Readonly<Record<PreviewGrain, number>> = { minute: HOUR_MS, hour: 24 * HOUR_MS, day: 30 * 24 * HOUR_MS };

/** No preview is possible: no event of the contract is stored, or none has the fields yet. */
export class NoPreview extends Error {}

/**
 * Reads what a metric would answer if the definitions were live, over the last hour, day or thirty days that have
 * events, by the minute, hour or day. It reads raw events only, computes nothing ahead and stores nothing.
 * @throws NoPreview, UnanswerableQuery
 */
export async function previewMetric(
  analytics: Analytics,
  metric: string,
  definitions: Definitions,
  grain: PreviewGrain = 'hour',
): Promise<MetricPreview> {
  const { context } = analytics;
  const events = eventsOf(metric, definitions);
  await assertColumnsExist(context.engine, events, definitions);
  const timeZone = definitions.metric(metric)?.serving?.timeZone ?? 'UTC';
  const end = bucketAt(await newestEvent(analytics, events), grain, timeZone).end;
  const range = { start: end - SPANS[grain], end };
  const recorded: string[] = [];
  const clock = { ms: 0 };
  const engine = recording(context.engine, recorded, clock);
  const trial: SeriesContext = { ...context, engine, definitions, metrics: analytics.metrics.trial(definitions) };
  const rows = await readRows(trial, context, { metric, range, grain, timeZone });
  const body = definitions.metric(metric);
  const rowsRead = await estimate(context.engine, recorded);
  return {
    ...{ from: range.start, to: range.end, rows, sql: [...new Set(recorded)] },
    rowsRead,
    readMs: Math.round(clock.ms * 10) / 10,
    backfillMs: await backfillMs(trial, context, metric, { ms: clock.ms, statements: recorded.length, rows: rowsRead }),
    rowsStored: await storedRows(context.engine, events),
    dimensions: body?.simple ? await dimensionValues(context.engine, body.simple, definitions, range) : [],
  };
}

/** The events that a metric is computed from, also through other metrics. */
function eventsOf(metric: string, definitions: Definitions, seen = new Set<string>()): string[] {
  const body = definitions.metric(metric);
  if (!body || seen.has(metric)) return [];
  seen.add(metric);
  const own = selectionsOf(body).map(({ selection }) => selection.event);
  return [...new Set([...own, ...inputsOf(body).flatMap(({ input }) => eventsOf(input.metric, definitions, seen))])];
}

/** A field without any event yet has no column, so it cannot be read. */
async function assertColumnsExist(engine: Engine, events: readonly string[], definitions: Definitions): Promise<void> {
  for (const event of events) {
    const contract = definitions.event(event);
    const rows = await engine.select(
      `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = ${textLiteral(rawTable(event))}`,
    );
    if (rows.length === 0) throw new NoPreview(`there are no events ${event} yet`);
    const columns = new Set(rows.map(({ name }) => String(name)));
    const missing = contract ? storedFields(contract).filter(({ column }) => !columns.has(column)) : [];
    if (missing.length > 0)
      throw new NoPreview(`no ${event} has had ${missing.map(({ path }) => path).join(', ')} yet`);
  }
}

async function newestEvent({ store }: Analytics, events: readonly string[]): Promise<number> {
  const newest = await Promise.all(events.map((event) => store.newestMinute(event)));
  const minute = newest.reduce<number | undefined>(
    (most, one) => (one === undefined ? most : Math.max(one, most ?? one)),
    undefined,
  );
  if (minute === undefined) throw new NoPreview(`there are no events ${events.join(', ')} yet`);
  return minute * WINDOW_MS;
}

async function readRows(
  trial: SeriesContext,
  context: SeriesContext,
  { metric, range, grain, timeZone }: { metric: string; range: Interval; grain: PreviewGrain; timeZone: string },
): Promise<PreviewRow[]> {
  const body = trial.definitions.metric(metric);
  if (body?.funnel) {
    const { groups } = await readFunnel(trial, { metric, range, timeZone });
    return (groups[0]?.steps ?? []).map(({ name, count }) => ({ label: name, value: count, live: null }));
  }
  if (body?.retention) {
    const [cohort] = (await readRetention(trial, { metric, range, timeZone })).toReversed();
    return (cohort?.returned ?? []).map((value, index) => ({ label: `period ${index}`, value, live: null }));
  }
  const intervals = buckets(range.start, range.end, grain, timeZone);
  const query = { metric, intervals, grain, timeZone };
  const [answer, live] = await Promise.all([
    readSeries(trial, query),
    isLive(context, metric) ? readSeries(context, query) : undefined,
  ]);
  return intervals.map(({ start }, index) => ({
    label: new Date(start).toISOString(),
    value: answer.rows[0]?.values[index]?.toNumber() ?? null,
    live: live?.rows[0]?.values[index]?.toNumber() ?? null,
  }));
}

/** Whether the live metric gives a series, of the same type or another. */
function isLive({ definitions, metrics }: SeriesContext, metric: string): boolean {
  const body = definitions.metric(metric);
  return (
    body !== undefined && !body.funnel && !body.retention && (!body.simple || metrics.current(metric) !== undefined)
  );
}

/** An engine that records its statements and their total time. */
function recording(engine: Engine, recorded: string[], clock: { ms: number }): Engine {
  return {
    ...engine,
    async select(sql) {
      if (sql.startsWith('EXPLAIN')) return engine.select(sql);
      recorded.push(sql);
      const started = performance.now();
      const rows = await engine.select(sql);
      clock.ms += performance.now() - started;
      return rows;
    },
  };
}

async function estimate(engine: Engine, statements: readonly string[]): Promise<number> {
  const plans = await Promise.all(statements.map((sql) => engine.select(`EXPLAIN ESTIMATE ${sql}`)));
  return plans.flat().reduce((sum, row) => sum + Number(row['rows'] ?? 0), 0);
}

async function storedRows(engine: Engine, events: readonly string[]): Promise<number> {
  const counts = await Promise.all(events.map((event) => engine.select(`SELECT count() AS n FROM ${rawTable(event)}`)));
  return counts.flat().reduce((sum, row) => sum + Number(row['n']), 0);
}
