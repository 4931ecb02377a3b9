/** A funnel's conditions on one entity's events. Times and durations in milliseconds. */
export interface FunnelPlan {
  steps: number;
  order: 'ordered' | 'strict' | 'unordered';
  /** The end of the window of an attempt that began at a time, inclusive. */
  windowEnd: (entry: number) => number;
  /** By step, counted from 0: the latest time at which it may follow the previous step taken at a time, inclusive. */
  withinEnds?: readonly (((before: number) => number) | undefined)[];
  /** Exclusions by index: they end attempts that have reached step `after` and not yet step `before` (counted from 1). */
  exclusions?: readonly { after: number; before: number }[];
  /** The entry must lie in here: `from` inclusive, `to` exclusive. */
  entry: { from: number; to: number };
}

/** An event of one entity: which steps and exclusions it matches, as bits. */
export interface FunnelEvent {
  at: number;
  steps: number;
  exclusions: number;
}

/** The furthest step that an entity reached, and the attempt that first reached it. */
export interface FunnelRun {
  /** How many steps were reached. */
  level: number;
  /** When each of them was reached. */
  times: number[];
}

const NOWHERE: FunnelRun = { level: 0, times: [] };

/**
 * How far an entity came. Its events may come in any order. Events at the very same instant have no order of their own;
 * they are taken in the order of the steps that they match, as ClickHouse's `windowFunnel` does, and exclusions last: never
 * in the order in which they were read.
 */
export function reduceFunnel(plan: FunnelPlan, events: readonly FunnelEvent[]): FunnelRun {
  const sorted = [...events].sort(
    (a, b) => a.at - b.at || rank(a) - rank(b) || a.steps - b.steps || a.exclusions - b.exclusions,
  );
  switch (plan.order) {
    case 'ordered':
      return ordered(plan, sorted);
    case 'strict':
      return strict(plan, sorted);
    case 'unordered':
      return unordered(plan, sorted);
  }
}

/** The lowest step an event matches; after all steps where it matches none. */
function rank({ steps }: FunnelEvent): number {
  return steps === 0 ? 32 : 31 - Math.clz32(steps & -steps);
}

/** An attempt that may still continue. */
interface Attempt {
  /** Of its steps. */
  times: number[];
  windowEnd: number;
  /** Until when the next step may follow. */
  nextEnd: number;
}

function ordered(plan: FunnelPlan, events: readonly FunnelEvent[]): FunnelRun {
  // By level.
  const attempts: Attempt[][] = Array.from({ length: plan.steps + 1 }, () => []);
  let best = NOWHERE;
  for (const event of events) {
    if (event.exclusions !== 0) exclude(plan, event, attempts);
    // From the last step down, so that one event advances an attempt by one step, not several.
    for (let step = plan.steps - 1; step >= 0; step -= 1) {
      if ((event.steps & (1 << step)) === 0) continue;
      if (step === 0) {
        if (event.at >= plan.entry.from && event.at < plan.entry.to)
          best = keep(plan, attempts, [event.at], plan.windowEnd(event.at), best);
        continue;
      }
      for (const { times, windowEnd, nextEnd } of attempts[step] ?? []) {
        if (event.at <= nextEnd) best = keep(plan, attempts, [...times, event.at], windowEnd, best);
      }
    }
    if (best.level === plan.steps) return best;
  }
  return best;
}

/** Until when an attempt with these steps may take the next one. */
function nextEndOf(plan: FunnelPlan, times: readonly number[], windowEnd: number): number {
  const within = plan.withinEnds?.[times.length];
  return within ? Math.min(windowEnd, within(times.at(-1) ?? 0)) : windowEnd;
}

/** Adds an attempt unless another one at the same level dominates it: its window and its limit for the next step end no earlier. */
function keep(plan: FunnelPlan, attempts: Attempt[][], times: number[], windowEnd: number, best: FunnelRun): FunnelRun {
  const level = attempts[times.length];
  const at = times.at(-1) ?? 0;
  if (level) {
    const attempt = { times, windowEnd, nextEnd: nextEndOf(plan, times, windowEnd) };
    // Expired attempts can go no further; without this a busy entity would carry them for ever.
    const living = level.filter((other) => at <= other.windowEnd && !outdone(other, attempt));
    if (!living.some((other) => outdone(attempt, other))) living.push(attempt);
    attempts[times.length] = living;
  }
  return times.length > best.level ? { level: times.length, times } : best;
}

function outdone(attempt: Attempt, by: Attempt): boolean {
  return (
    by.windowEnd >= attempt.windowEnd &&
    by.nextEnd >= attempt.nextEnd &&
    (by.times.at(-1) ?? 0) >= (attempt.times.at(-1) ?? 0)
  );
}

function exclude(plan: FunnelPlan, event: FunnelEvent, attempts: Attempt[][]): void {
  for (let level = 1; level < plan.steps; level += 1) if (ends(plan, event, level)) attempts[level] = [];
}

/** Whether an event ends attempts that have reached so many steps. */
function ends({ exclusions }: FunnelPlan, event: FunnelEvent, level: number): boolean {
  return (
    exclusions?.some(
      ({ after, before }, index) => (event.exclusions & (1 << index)) !== 0 && level >= after && level < before,
    ) ?? false
  );
}

/** Consecutive events only: any other event of the entity ends the attempt. */
function strict(plan: FunnelPlan, events: readonly FunnelEvent[]): FunnelRun {
  let best = NOWHERE;
  events.forEach((entry, start) => {
    if (entry.at < plan.entry.from || entry.at >= plan.entry.to) return;
    const times: number[] = [];
    const windowEnd = plan.windowEnd(entry.at);
    for (let step = 0; step < plan.steps; step += 1) {
      const event = events[start + step];
      if (!event || (event.steps & (1 << step)) === 0) break;
      if (step > 0 && (event.at > nextEndOf(plan, times, windowEnd) || ends(plan, event, step))) break;
      times.push(event.at);
    }
    if (times.length > best.level) best = { level: times.length, times };
  });
  return best;
}

/** As many different steps as possible within the window, in whatever order. */
function unordered(plan: FunnelPlan, events: readonly FunnelEvent[]): FunnelRun {
  const matching = events.filter(({ steps }) => steps !== 0);
  let best = NOWHERE;
  matching.forEach((entry, start) => {
    if (entry.at < plan.entry.from || entry.at >= plan.entry.to) return;
    const windowEnd = plan.windowEnd(entry.at);
    const within = matching.slice(start).filter(({ at }) => at <= windowEnd);
    const times = matchSteps(plan.steps, within);
    if (times.length > best.level) best = { level: times.length, times };
  });
  return best;
}

/** Gives each event at most one step and as many steps as possible an event (augmenting paths: steps are few). */
function matchSteps(steps: number, events: readonly FunnelEvent[]): number[] {
  const eventOf: (number | undefined)[] = Array.from({ length: steps });
  const assign = (event: number, tried: Set<number>): boolean => {
    for (let step = 0; step < steps; step += 1) {
      if (((events[event]?.steps ?? 0) & (1 << step)) === 0 || tried.has(step)) continue;
      tried.add(step);
      const holder = eventOf[step];
      if (holder === undefined || assign(holder, tried)) {
        eventOf[step] = event;
        return true;
      }
    }
    return false;
  };
  events.forEach((_, index) => assign(index, new Set()));
  return eventOf.flatMap((index) => (index === undefined ? [] : [events[index]?.at ?? 0])).sort((a, b) => a - b);
}
