import {
  type FunnelEvent,
  type FunnelMetric,
  type FunnelPlan,
  latestEnd,
  MISSING_CELL,
  parseDuration,
  reduceFunnel,
  shift,
  valueOf,
  windowEnds,
} from '@paddock/metrics';
import type { Finality } from '../processor/watermark.js';
import { DEFAULT_ENTITY, entitySql, isPerson, MS, selectEvents, selectionSql } from './entity-sql.js';
import type { Interval } from './interval.js';
import { UnanswerableQuery, leastFinal, type SeriesContext } from './series-answer.js';

export interface FunnelQuery {
  metric: string;
  /** The time of entries; their later steps may lie after its end. */
  range: Interval;
  /** The calendar that windows are counted on. */
  timeZone: string;
  /** A field of the events; an entity belongs to the value of its entry. */
  breakdown?: string;
}

/** One step of a funnel's answer. */
export interface FunnelStepAnswer {
  name: string;
  count: number;
  /** Seconds since the step before, of those who reached it; `null` for the first step and where none reached it. */
  averageSeconds: number | null;
  medianSeconds: number | null;
}

export interface FunnelAnswer {
  /** By value of the breakdown, `null` for entries without one; a single `null` where no breakdown was asked for. */
  groups: { value: string | null; steps: FunnelStepAnswer[] }[];
  /** OPEN while an entity may still take a step within the window. */
  finality: Finality;
}

interface EntityRow {
  /** The breakdown's value at the entry, as a cell of a dimension. */
  cell: string;
  level: number;
  times: number[];
}

/** More entities would not fit into memory. */
const MAX_ENTITIES = 5_000_000;

/**
 * Reads a funnel from raw events: the store groups events by entity, and the reducer of libs/metrics decides how far
 * each came, because engines disagree on ties, re-entry and exclusions.
 */
export async function readFunnel(
  context: SeriesContext,
  { metric, range, timeZone, breakdown }: FunnelQuery,
): Promise<FunnelAnswer> {
  const funnel = context.definitions.metric(metric)?.funnel;
  if (!funnel) throw new UnanswerableQuery('metric', 'NOT_A_FUNNEL', `${JSON.stringify(metric)} is no funnel`);
  if (range.end <= range.start) throw new UnanswerableQuery('to', 'OUT_OF_RANGE', 'must be after from');
  const plan = planFunnel(funnel, range, timeZone);
  const within = {
    start: range.start,
    end: funnel.rangeAppliesTo === 'every_step' ? range.end : latestEndOf(funnel, range, timeZone) + 1,
  };
  const rows = await context.engine.select(funnelSql(context, funnel, within, breakdown));
  if (rows.length > MAX_ENTITIES)
    throw new UnanswerableQuery(
      'from',
      'TOO_MANY_ENTITIES',
      `more than ${MAX_ENTITIES} entities; ask for a shorter range`,
    );
  const runs = rows.map(({ events }): EntityRow => {
    const own = toEvents(events);
    const run = reduceFunnel(plan, own);
    return { ...run, cell: entryCell(own, run.times[0]) };
  });
  const entered = runs.filter(({ level }) => level > 0);
  const groups = breakdown === undefined ? new Map([[MISSING_CELL, runs]]) : Map.groupBy(entered, ({ cell }) => cell);
  return {
    groups: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cell, group]) => ({
        value: cell === MISSING_CELL ? null : cell.slice(1),
        steps: summarise(funnel, group),
      })),
    finality: leastFinal(
      funnel.steps.map(({ event }) => {
        const joined = isPerson(funnel.entity, event, context.definitions);
        return context.sources.finality(event, range.start, within.end, context.now, joined);
      }),
    ),
  };
}

function planFunnel(funnel: FunnelMetric, range: Interval, timeZone: string): FunnelPlan {
  const steps = funnel.steps.length;
  return {
    steps,
    order: funnel.order,
    windowEnd: endOf(funnel.window, timeZone),
    withinEnds: funnel.steps.map(({ within }) => (within === undefined ? undefined : endOf(within, timeZone))),
    exclusions: (funnel.exclude ?? []).map(({ after = 1, before = steps }) => ({ after, before })),
    entry: { from: range.start, to: range.end },
  };
}

function endOf(text: string, timeZone: string): (instant: number) => number {
  const duration = parseDuration(text);
  return duration ? (instant) => shift(instant, duration, timeZone, 1) : (instant) => instant;
}

/** The latest moment at which an entity that entered within a range may take a step. */
function latestEndOf({ window }: FunnelMetric, range: Interval, timeZone: string): number {
  const duration = parseDuration(window);
  return duration ? latestEnd(windowEnds(range, duration, timeZone), range) : range.end;
}

/** SELECT of one row per entity: its events as [milliseconds, steps, exclusions, cell of the breakdown]. */
function funnelSql(
  context: SeriesContext,
  funnel: FunnelMetric,
  within: Interval,
  breakdown: string | undefined,
): string {
  const involved = new Set([...funnel.steps, ...(funnel.exclude ?? [])].map(({ event }) => event));
  // A strict funnel is interrupted by any other event of the entity. Events without the entity are ignored.
  const events =
    funnel.order === 'strict'
      ? [...context.definitions.events]
          .map(({ event }) => event)
          .filter((event) => involved.has(event) || knows(context, event, funnel.entity ?? DEFAULT_ENTITY))
      : [...involved];
  const sources = events.map((event) => {
    const bits = (selections: readonly { event: string }[]): string =>
      selections
        .flatMap((selection, index) =>
          selection.event === event ? [`if(${selectionSql(selection, context.definitions)}, ${2 ** index}, 0)`] : [],
        )
        .join(' + ') || '0';
    const columns = {
      e: entitySql(funnel.entity),
      t: MS,
      steps: `toUInt32(${bits(funnel.steps)})`,
      exclusions: `toUInt32(${bits(funnel.exclude ?? [])})`,
      // An event that only interrupts has no breakdown value.
      v: breakdown === undefined || !involved.has(event) ? "''" : breakdownSql(context, event, breakdown),
    };
    const relevant = funnel.order === 'strict' ? '' : ' WHERE steps > 0 OR exclusions > 0';
    return `SELECT e, t, steps, exclusions, v FROM (${selectEvents(columns, { event }, funnel.entity, within, context.definitions)})${relevant}`;
  });
  const members = breakdown === undefined ? 't, steps, exclusions' : 't, steps, exclusions, v';
  return `SELECT e, groupArray((${members})) AS events FROM (${sources.join(' UNION ALL ')}) GROUP BY e HAVING countIf(steps > 0) > 0`;
}

function breakdownSql(context: SeriesContext, event: string, field: string): string {
  if (!knows(context, event, field))
    throw new UnanswerableQuery('breakdown', 'UNKNOWN_EVENT_FIELD', `${event} has no field ${JSON.stringify(field)}`);
  return `ifNull(concat('v', toString(${valueOf(field)})), '')`;
}

function knows({ definitions }: SeriesContext, event: string, field: string): boolean {
  return definitions.event(event) !== undefined && (field.startsWith('$') || definitions.hasField(event, field));
}

interface EntityEvent extends FunnelEvent {
  cell: string;
}

function toEvents(value: unknown): EntityEvent[] {
  if (!Array.isArray(value)) return [];
  return value.map((event: unknown) => {
    const [at, steps, exclusions, cell = MISSING_CELL]: unknown[] = Array.isArray(event) ? event : [];
    return { at: Number(at), steps: Number(steps), exclusions: Number(exclusions), cell: String(cell) };
  });
}

/**
 * The cell of the event that entered. Of several at its millisecond one that is the first step, and of these the first
 * by value: the order in which the store reads them differs.
 */
function entryCell(events: readonly EntityEvent[], entry: number | undefined): string {
  const there = events.filter(({ at, steps }) => at === entry && steps > 0);
  const first = there.filter(({ steps }) => (steps & 1) === 1);
  return (first.length > 0 ? first : there).map(({ cell }) => cell).sort()[0] ?? MISSING_CELL;
}

function summarise(funnel: FunnelMetric, runs: readonly EntityRow[]): FunnelStepAnswer[] {
  return funnel.steps.map(({ name }, index) => {
    const reached = runs.filter(({ level }) => level > index);
    const seconds =
      index === 0
        ? []
        : reached.map(({ times }) => ((times[index] ?? 0) - (times[index - 1] ?? 0)) / 1_000).sort((a, b) => a - b);
    return { name, count: reached.length, averageSeconds: average(seconds), medianSeconds: median(seconds) };
  });
}

function average(sorted: readonly number[]): number | null {
  return sorted.length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}

function median(sorted: readonly number[]): number | null {
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
