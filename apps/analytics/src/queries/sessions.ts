import { Big } from 'big.js';
import { durationMs, parseDuration, type SessionMetric } from '#metrics';
import { boundaries, cellOf, placeOf } from './cell-sql.js';
import { entitySql, MS, selectEvents } from './entity-sql.js';
import { type Interval, spanOf } from './interval.js';
import { BadQuestion, leastFinal, type SeriesAnswer, type SeriesContext, type SeriesQuestion, toRows } from './series-answer.js';

/** Sessions are looked for this much around the asked time, so that one that crosses its edge is seen whole. */
const MARGIN_MS = 86_400_000;

const MEASURES = {
  sessions: { sql: 'count()', counts: true },
  average_duration: { sql: 'avg(last - first) / 1000', counts: false },
  events_per_session: { sql: 'avg(events)', counts: false },
  bounce_rate: { sql: 'countIf(events = 1) / count()', counts: false },
} as const;

/** Reads figures of sessions, each counted where it began: runs of an entity's events without a pause longer than the gap. */
export async function readSessions(context: SeriesContext, metric: SessionMetric, question: SeriesQuestion): Promise<SeriesAnswer> {
  const { intervals, dimensions = [], filter } = question;
  if (dimensions.length > 0 || filter) throw new BadQuestion(filter ? 'filter' : 'dimensions', 'NOT_ALLOWED', 'sessions are made of several events and cannot be split by a field of one');
  const gap = parseDuration(metric.gap);
  const gapMs = gap ? durationMs(gap) : 0;
  const span = spanOf(intervals);
  const around: Interval = { start: Math.max(0, span.start - MARGIN_MS), end: span.end + MARGIN_MS };
  const events = metric.events.map((selection) => selectEvents({ e: entitySql(metric.entity), t: MS }, selection, metric.entity, around, context.definitions)).join(' UNION ALL ');
  // Gaps and islands: a session begins where the event before is too long ago or missing.
  const marked = `SELECT e, t, if(row_number() OVER w = 1 OR t - lagInFrame(t) OVER w > ${gapMs}, 1, 0) AS begins FROM (${events}) WINDOW w AS (PARTITION BY e ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const numbered = `SELECT e, t, sum(begins) OVER (PARTITION BY e ORDER BY t, begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number FROM (${marked})`;
  const sessions = `SELECT min(t) AS first, max(t) AS last, count() AS events FROM (${numbered}) GROUP BY e, number HAVING first >= ${span.start} AND first < ${span.end}`;
  const bounds = boundaries(intervals);
  const { sql, counts } = MEASURES[metric.measure];
  const rows = await context.engine.select(`SELECT p, ${sql} AS value FROM (SELECT ${placeOf(intervals, bounds)} AS p, first, last, events FROM (SELECT *, ${cellOf('first', bounds)} AS cell FROM (${sessions}))) WHERE p >= 0 GROUP BY p`);
  const points = rows.map((row) => ({ interval: Number(row['p']), cells: [], value: new Big(Number(row['value'])) }));
  return {
    rows: toRows(points, intervals.length, counts),
    // A session that began in a bucket may still go on after its end.
    finality: intervals.map(({ start, end }) => leastFinal(metric.events.map(({ event }) => context.sources.finality(event, start, end + gapMs, context.now)))),
    source: 'raw',
  };
}
