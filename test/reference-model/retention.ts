import { type Bucket, bucketAt, bucketsBetween } from './calendar.js';
import type { Definitions, RetentionMetric } from './definitions.js';
import { entityOf, type StoredEvent } from './events.js';
import { selected } from './filters.js';

/** Those who started in one period. */
export interface Cohort extends Bucket {
  readonly size: number;
  /** How many of them came back, by periods since, the period of the start first; null for periods that lie ahead. */
  readonly returned: readonly (number | null)[];
}

/** Answers a retention metric for the cohorts of a range. */
export function answerRetention(
  { metrics }: Definitions,
  events: readonly StoredEvent[],
  { key, range, zone, now }: { key: string; range: Bucket; zone: string; now: number },
): Cohort[] {
  const retention = metrics[key]?.retention;
  if (!retention) throw new TypeError(`${key} is no retention metric`);
  const starts = periodsByEntity(selected(events, retention.start), retention, zone);
  const returns = periodsByEntity(selected(events, retention.return), retention, zone);
  return bucketsBetween(range.start, range.end, retention.period, zone).map((cohort) => {
    const members = [...starts].filter(([, periods]) => startsIn(periods, cohort, retention)).map(([entity]) => entity);
    const since = followingPeriods(cohort, retention, zone);
    const returned = since.map((period) =>
      period.start > now ? null : members.filter((entity) => cameBack(returns.get(entity), period, retention)).length,
    );
    return { ...cohort, size: members.length, returned };
  });
}

/** By entity, the starts of the periods in which it has events. */
function periodsByEntity(
  events: readonly StoredEvent[],
  { entity, period }: RetentionMetric,
  zone: string,
): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const event of events) {
    const name = entityOf(event, entity);
    if (name === undefined) continue;
    found.set(name, (found.get(name) ?? new Set()).add(bucketAt(event.time, period, zone).start));
  }
  return found;
}

/** Only the first start of an entity ever counts, unless every start does. */
function startsIn(periods: ReadonlySet<number>, { start }: Bucket, { cohort = 'first' }: RetentionMetric): boolean {
  return cohort === 'every' ? periods.has(start) : Math.min(...periods) === start;
}

/** The period of the cohort, and those after it. */
function followingPeriods(cohort: Bucket, { period, periods }: RetentionMetric, zone: string): Bucket[] {
  const found = [cohort];
  while (found.length <= periods) found.push(bucketAt(found.at(-1)?.end ?? cohort.end, period, zone));
  return found;
}

/** Bounded: in that very period. Rolling: in that or any later one, up to the newest event. */
function cameBack(periods: ReadonlySet<number> | undefined, { start }: Bucket, { mode }: RetentionMetric): boolean {
  if (!periods) return false;
  return mode === 'bounded' ? periods.has(start) : [...periods].some((period) => period >= start);
}
