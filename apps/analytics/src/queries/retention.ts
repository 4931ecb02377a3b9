import { buckets, type RetentionMetric } from '@paddock/metrics';
import type { Finality } from '../processor/watermark.js';
import { entitySql, isPerson, MS, selectEvents } from './entity-sql.js';
import type { Interval } from './interval.js';
import { UnanswerableQuery, leastFinal, type SeriesContext } from './series-answer.js';

export interface RetentionQuery {
  metric: string;
  /** Periods in which cohorts start. */
  range: Interval;
  timeZone: string;
}

/**
 * The entities that started in one period, and how many of them came back in each period since; the first is the start
 * itself.
 */
export interface Cohort {
  start: number;
  end: number;
  size: number;
  /** By period since the start: in it, or of a rolling retention in it or any later one up to the newest event; `null` for periods that have not begun. */
  returned: (number | null)[];
  /** By period: whether it is over for the whole cohort. */
  finality: Finality[];
}

const LATEST = Date.UTC(2100, 0, 1);

/** Reads retention from raw events, period by period on the calendar of the zone. */
export async function readRetention(
  context: SeriesContext,
  { metric, range, timeZone }: RetentionQuery,
): Promise<Cohort[]> {
  const retention = context.definitions.metric(metric)?.retention;
  if (!retention)
    throw new UnanswerableQuery('metric', 'NOT_A_RETENTION', `${JSON.stringify(metric)} is no retention metric`);
  const cohorts = buckets(range.start, range.end, retention.period, timeZone);
  const all = withFollowing(cohorts, retention, timeZone);
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return [];
  const counts = await readCounts(context, retention, all, cohorts.length, { start: first.start, end: last.end });
  const events = [retention.start.event, retention.return.event];
  return cohorts.map(({ start, end }, index) => {
    const periods = all.slice(index, index + retention.periods + 1);
    return {
      start,
      end,
      size: counts.get(`${index} start`) ?? 0,
      returned: periods.map((period, since) =>
        period.start > context.now ? null : (counts.get(`${index} ${since}`) ?? 0),
      ),
      // An entity that has not come back yet may do so at any later time.
      finality: periods.map((period) =>
        retention.mode === 'rolling'
          ? 'OPEN'
          : leastFinal(
              events.map((event) =>
                context.sources.finality(
                  event,
                  start,
                  period.end,
                  context.now,
                  isPerson(retention.entity, event, context.definitions),
                ),
              ),
            ),
      ),
    };
  });
}

/** The periods of the cohorts, and the later periods in which an entity may come back. */
function withFollowing(
  cohorts: readonly Interval[],
  { period, periods }: RetentionMetric,
  timeZone: string,
): Interval[] {
  const last = cohorts.at(-1);
  if (!last) return [];
  const all = [...cohorts];
  while (all.length < cohorts.length + periods) {
    const [next] = buckets(all.at(-1)?.end ?? last.end, (all.at(-1)?.end ?? last.end) + 1, period, timeZone);
    if (!next) break;
    all.push(next);
  }
  return all;
}

async function readCounts(
  context: SeriesContext,
  retention: RetentionMetric,
  all: readonly Interval[],
  cohorts: number,
  span: Interval,
): Promise<Map<string, number>> {
  const bounds = `[${all.map(({ start }) => `toInt64(${start})`).join(', ')}]`;
  const columns = { e: entitySql(retention.entity), t: MS };
  const place = `toInt32(indexOf(${bounds}, roundDown(toInt64(t), ${bounds}))) - 1`;
  // The first start ever decides the cohort, so events before the range are read as well.
  const since = retention.cohort === 'every' ? span.start : 0;
  const starts = `SELECT e, groupUniqArray(if(t < ${span.start}, -1, ${place})) AS periods FROM (${selectEvents(columns, retention.start, retention.entity, { start: since, end: span.end }, context.definitions)}) GROUP BY e`;
  // Events after the last requested period count as returns in it, so that the answer for a cohort does not depend on
  // the requested range.
  const returning = retention.mode === 'rolling' ? { start: span.start, end: LATEST } : span;
  const returns = `SELECT e, groupUniqArray(${place}) AS periods FROM (${selectEvents(columns, retention.return, retention.entity, returning, context.definitions)}) GROUP BY e`;
  const chosen = retention.cohort === 'every' ? 'arrayJoin(s.periods)' : 'arrayMin(s.periods)';
  const joined = `SELECT e, cohort, r.periods AS returned FROM (SELECT e, ${chosen} AS cohort FROM (${starts}) AS s) AS c LEFT JOIN (${returns}) AS r ON r.e = c.e WHERE cohort >= 0 AND cohort < ${cohorts}`;
  const came =
    retention.mode === 'bounded'
      ? `arrayFilter(i -> i >= 0 AND i <= ${retention.periods}, arrayMap(i -> i - cohort, returned))`
      : `range(0, toUInt32(greatest(0, least(${retention.periods}, arrayMax(arrayPushBack(returned, -1)) - cohort) + 1)))`;
  const [sizes, counts] = await Promise.all([
    context.engine.select(`SELECT cohort, count() AS n FROM (${joined}) GROUP BY cohort`),
    context.engine.select(
      `SELECT cohort, arrayJoin(${came}) AS since, count() AS n FROM (${joined}) GROUP BY cohort, since`,
    ),
  ]);
  return new Map([
    ...sizes.map((row) => [`${String(row['cohort'])} start`, Number(row['n'])] as const),
    ...counts.map((row) => [`${String(row['cohort'])} ${String(row['since'])}`, Number(row['n'])] as const),
  ]);
}
