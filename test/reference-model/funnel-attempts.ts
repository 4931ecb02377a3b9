import { type Bucket, moveInstant } from './calendar.js';
import type { FunnelMetric } from './definitions.js';
import { readDuration } from './duration.js';
import type { StoredEvent } from './events.js';

/** An event as a funnel sees it: its time, and which steps and exclusions it fits, by their places from 0. */
export interface FunnelEvent {
  readonly time: number;
  readonly steps: readonly number[];
  readonly exclusions: readonly number[];
  readonly source: StoredEvent;
}

/** The furthest that an entity came: the events that stand for the steps it reached. */
export type Attempt = readonly FunnelEvent[];

/** Decides what the funnel's rules need to know beside its definition. */
export interface FunnelRules {
  readonly funnel: FunnelMetric;
  /** Entries that count. */
  readonly range: Bucket;
  readonly zone: string;
}

/**
 * The attempt that came furthest. Of several, the one that came so far first; of those, the one whose window ends last,
 * then the one whose entry is the latest, then the one whose second step is the latest, and so on.
 */
export function furthestAttempt(events: readonly FunnelEvent[], rules: FunnelRules): Attempt {
  if (rules.funnel.order === 'unordered') return furthestUnordered(events, rules);
  let best: readonly number[] = [];
  for (const attempt of attempts(events, rules)) {
    if (isBetter(attempt, best, (place) => windowEnd(events[place]?.time ?? 0, rules))) best = attempt;
  }
  return best.flatMap((place) => events[place] ?? []);
}

/** All attempts, each as the places of the events that stand for its steps. */
function* attempts(events: readonly FunnelEvent[], rules: FunnelRules): Generator<readonly number[]> {
  for (const [place, { time, steps }] of events.entries()) {
    const isEntry = steps.includes(0) && time >= rules.range.start && time < rules.range.end;
    if (isEntry) yield* continued([place], events, rules);
  }
}

/** An attempt, and all that it can become. */
function* continued(
  attempt: readonly number[],
  events: readonly FunnelEvent[],
  rules: FunnelRules,
): Generator<readonly number[]> {
  yield attempt;
  const [entry = 0] = attempt;
  const last = attempt.at(-1) ?? 0;
  const step = attempt.length;
  const end = Math.min(windowEnd(events[entry]?.time ?? 0, rules), stepEnd(events[last]?.time ?? 0, step, rules));
  for (let place = last + 1; place < events.length; place += 1) {
    const event = events[place];
    if (!event || event.time > end || isExcluded(event, step, rules)) return;
    if (event.steps.includes(step)) yield* continued([...attempt, place], events, rules);
    if (rules.funnel.order === 'strict') return;
  }
}

/** Whether an event ends attempts that have reached so many steps. */
function isExcluded({ exclusions }: FunnelEvent, reached: number, { funnel }: FunnelRules): boolean {
  return exclusions.some((place) => {
    const { after = 1, before = funnel.steps.length } = funnel.exclude?.[place] ?? {};
    return reached >= after && reached < before;
  });
}

/** Until when an attempt that began at an instant may continue, inclusive. */
function windowEnd(entry: number, { funnel, zone }: FunnelRules): number {
  return moveInstant(entry, readDuration(funnel.window), 1, zone);
}

/** Until when the next step may follow, inclusive. */
function stepEnd(at: number, step: number, { funnel, zone }: FunnelRules): number {
  const within = funnel.steps[step]?.within;
  return within === undefined ? Infinity : moveInstant(at, readDuration(within), 1, zone);
}

function isBetter(attempt: readonly number[], best: readonly number[], endOf: (entry: number) => number): boolean {
  if (attempt.length !== best.length) return attempt.length > best.length;
  const [end, bestEnd] = [attempt.at(-1) ?? 0, best.at(-1) ?? 0];
  if (end !== bestEnd) return end < bestEnd;
  const [window, bestWindow] = [endOf(attempt[0] ?? 0), endOf(best[0] ?? 0)];
  if (window !== bestWindow) return window > bestWindow;
  const differs = attempt.findIndex((place, step) => place !== best[step]);
  return differs >= 0 && (attempt[differs] ?? 0) > (best[differs] ?? 0);
}

/**
 * In any order, as many different steps as possible, each by an event of its own. The attempt begins at any step.
 * Events are looked at one after the other; one is used if it and those used before it can stand for different steps.
 */
function furthestUnordered(events: readonly FunnelEvent[], rules: FunnelRules): Attempt {
  let best: readonly FunnelEvent[] = [];
  for (const [place, entry] of events.entries()) {
    if (entry.steps.length === 0 || entry.time < rules.range.start || entry.time >= rules.range.end) continue;
    let used: FunnelEvent[] = [];
    for (const event of events.slice(place)) {
      if (event.time <= windowEnd(entry.time, rules) && canStandApart([...used, event])) used = [...used, event];
    }
    if (used.length > best.length) best = used;
  }
  return best;
}

/** Whether each of the events can stand for a step of its own. */
function canStandApart([first, ...others]: readonly FunnelEvent[], taken: readonly number[] = []): boolean {
  if (!first) return true;
  return first.steps.some((step) => !taken.includes(step) && canStandApart(others, [...taken, step]));
}
