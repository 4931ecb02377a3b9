import { type Bucket, shift } from './calendar.js';
import { type Duration, EXACT_MS } from './duration.js';

/** How windows end that begin from `from` on, up to the next rule: `afterMs` later, or all `at` one instant. */
export interface WindowEnds {
  from: number;
  afterMs?: number;
  at?: number;
}

const DAY_MS = 86_400_000;

/**
 * When windows of a duration end, for every instant of a time at which one may begin: what {@link shift} says of each,
 * as a few rules that a store can apply to millions of events. A window of `1 month` is 28 to 31 days long, one of `1d`
 * 23 to 25 hours.
 */
export function windowEnds({ start, end }: Bucket, duration: Duration, zone: string): WindowEnds[] {
  const { amount, unit } = duration;
  if (unit === 'second' || unit === 'minute' || unit === 'hour')
    return [{ from: start, afterMs: amount * EXACT_MS[unit] }];
  const endOf = (instant: number): number => shift(instant, duration, zone, 1);
  const found: WindowEnds[] = [];
  // No two changes of a zone or of the calendar outweigh each other within a day.
  for (let at = start; at < end; at += DAY_MS) addRules(found, at, Math.min(end, at + DAY_MS), endOf);
  return found;
}

/** The latest end of any window that begins within a time. */
export function latestEnd(ends: readonly WindowEnds[], { start, end }: Bucket): number {
  return ends.reduce((latest, rule, index) => {
    const last = Math.min(end, ends[index + 1]?.from ?? end) - 1;
    return last < start || rule.from >= end ? latest : Math.max(latest, endBy(rule, last));
  }, start);
}

/**
 * Whether a window that begins later never ends earlier. Not so at the end of a month: those of 29 January 23:00 and of
 * 30 January 01:00 both end on 28 February, at these times.
 */
export function endInOrder(ends: readonly WindowEnds[]): boolean {
  return ends.every((rule, index) => {
    const next = ends[index + 1];
    return next === undefined || endBy(rule, next.from - 1) <= endBy(next, next.from);
  });
}

function endBy({ afterMs, at }: WindowEnds, instant: number): number {
  return at ?? instant + (afterMs ?? 0);
}

/** Halves a time until one rule holds in each part. */
function addRules(found: WindowEnds[], from: number, to: number, endOf: (instant: number) => number): void {
  const [first, last] = [endOf(from), endOf(to - 1)];
  if (last - first === to - 1 - from) addRule(found, { from, afterMs: first - from });
  else if (last === first) addRule(found, { from, at: first });
  else {
    const middle = from + Math.floor((to - from) / 2);
    addRules(found, from, middle, endOf);
    addRules(found, middle, to, endOf);
  }
}

function addRule(found: WindowEnds[], rule: WindowEnds): void {
  const before = found.at(-1);
  if (before && before.afterMs === rule.afterMs && before.at === rule.at) return;
  found.push(rule);
}
