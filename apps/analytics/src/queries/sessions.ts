import { Big } from 'big.js';
import {
  type EventSelection,
  latestEnd,
  parseDuration,
  type SessionMetric,
  shift,
  type WindowEnds,
  windowEnds,
} from '@paddock/metrics';
import { boundaries, cellOf, placeOf } from './cell-sql.js';
import { entitySql, isPerson, MS, selectEvents } from './entity-sql.js';
import { type Interval, spanOf } from './interval.js';
import { windowEndSql } from './window-sql.js';
import {
  UnanswerableQuery,
  leastFinal,
  type SeriesAnswer,
  type SeriesContext,
  type SeriesQuery,
  toRows,
  ZERO,
} from './series-answer.js';

/** Ends of sessions are first looked for this long after the asked time. */
const FIRST_REACH_MS = 86_400_000;
const LATEST = Date.UTC(2100, 0, 1);
/** A month back from 31 March reaches to 28 February, three days more than a month on from there; a change of clocks takes up to a day. */
const CALENDAR_SLACK_MS = 4 * 86_400_000;

const MEASURES = {
  sessions: { sql: 'count()', counts: true },
  average_duration: { sql: 'avg(last - first) / 1000', counts: false },
  events_per_session: { sql: 'avg(events)', counts: false },
  bounce_rate: { sql: 'countIf(events = 1) / count()', counts: false },
} as const;

/** Reads figures of sessions, each counted where it began: runs of an entity's events without a pause longer than the gap. */
export async function readSessions(
  context: SeriesContext,
  metric: SessionMetric,
  query: SeriesQuery,
): Promise<SeriesAnswer> {
  const { intervals, dimensions = [], filter, timeZone } = query;
  if (dimensions.length > 0 || filter)
    throw new UnanswerableQuery(
      filter ? 'filter' : 'dimensions',
      'NOT_ALLOWED',
      'sessions are made of several events and cannot be split by a field of one',
    );
  const gap = parseDuration(metric.gap) ?? { amount: 1, unit: 'second' };
  const span = spanOf(intervals);
  const endsOf = (time: Interval): WindowEnds[] => windowEnds(time, gap, timeZone);
  const lastEnd = (time: Interval): number => latestEnd(endsOf(time), time);
  // Whether an event begins a session is decided by the events up to a gap before it; a gap on the calendar is a day longer at most.
  const start = Math.max(0, shift(span.start, gap, timeZone, -1) - CALENDAR_SLACK_MS);
  let end = Math.min(LATEST, Math.max(lastEnd(span), span.end + FIRST_REACH_MS));
  let rows = await context.engine.select(
    sessionsSql(context, metric, endsOf({ start, end }), intervals, { start, end }),
  );
  // A session has no maximum length. One that the end of the read range cuts off is followed further.
  while (end < LATEST && rows.some((row) => shift(Number(row['reached']), gap, timeZone, 1) >= end)) {
    end = Math.min(LATEST, span.end + 2 * (end - span.end));
    rows = await context.engine.select(sessionsSql(context, metric, endsOf({ start, end }), intervals, { start, end }));
  }
  const nothing = MEASURES[metric.measure].counts ? ZERO : null;
  const points = rows.map((row) => ({ interval: Number(row['p']), cells: [], value: new Big(Number(row['value'])) }));
  return {
    rows: toRows(points, intervals.length, nothing),
    nothing,
    // A session that began in a bucket may continue after its end.
    finality: intervals.map((interval) =>
      leastFinal(
        metric.events.map(({ event }) =>
          context.sources.finality(
            event,
            interval.start,
            lastEnd(interval),
            context.now,
            isPerson(metric.entity, event, context.definitions),
          ),
        ),
      ),
    ),
    source: 'raw',
  };
}

/** Selections that no event matches twice: those of one event combined into one. */
function oncePerEvent(selections: readonly EventSelection[]): EventSelection[] {
  return [...Map.groupBy(selections, ({ event }) => event)].map(([event, all]) => {
    const filters = all.flatMap(({ filter }) => filter ?? []);
    return filters.length < all.length ? { event } : { event, filter: { or: filters } };
  });
}

/** SELECT of the figure of each interval, and of how far its sessions reach, from the events of a time. */
function sessionsSql(
  context: SeriesContext,
  metric: SessionMetric,
  gapEnds: readonly WindowEnds[],
  intervals: readonly Interval[],
  around: Interval,
): string {
  const span = spanOf(intervals);
  const events = oncePerEvent(metric.events)
    .map((selection) =>
      selectEvents({ e: entitySql(metric.entity), t: MS }, selection, metric.entity, around, context.definitions),
    )
    .join(' UNION ALL ');
  // Gaps and islands: a session begins where the event before is too long ago or missing.
  const marked = `SELECT e, t, if(row_number() OVER w = 1 OR t > ${windowEndSql('(lagInFrame(t) OVER w)', gapEnds)}, 1, 0) AS begins FROM (${events}) WINDOW w AS (PARTITION BY e ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const numbered = `SELECT e, t, sum(begins) OVER (PARTITION BY e ORDER BY t, begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number FROM (${marked})`;
  const sessions = `SELECT min(t) AS first, max(t) AS last, count() AS events FROM (${numbered}) GROUP BY e, number HAVING first >= ${span.start} AND first < ${span.end}`;
  const bounds = boundaries(intervals);
  return `SELECT p, ${MEASURES[metric.measure].sql} AS value, max(last) AS reached FROM (SELECT ${placeOf(intervals, bounds)} AS p, first, last, events FROM (SELECT *, ${cellOf('first', bounds)} AS cell FROM (${sessions}))) WHERE p >= 0 GROUP BY p`;
}
