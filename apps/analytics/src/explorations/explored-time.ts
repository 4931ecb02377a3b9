import { buckets, type ExplorationRange, type Grain, parseDuration, shift } from '@paddock/metrics';

/**
 * The time that a saved exploration asks about at `now`, as RFC 3339 texts. `last` counts back from the end of a bucket on
 * the calendar of the zone, so that `7d` by the day is seven days, also where one of them has 23 hours.
 */
export function exploredTime(
  { last, complete = false, from = '', to = '' }: ExplorationRange,
  grain: Grain,
  timeZone: string,
  now: number,
): { from: string; to: string } {
  const duration = last === undefined ? undefined : parseDuration(last);
  const [running] = buckets(now, now + 1, grain, timeZone);
  if (!duration || !running) return { from, to };
  const end = complete ? running.start : running.end;
  return { from: new Date(shift(end, duration, timeZone, -1)).toISOString(), to: new Date(end).toISOString() };
}
