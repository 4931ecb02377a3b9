import type { Bucket } from './calendar.js';
import type { Definitions, Selection } from './definitions.js';
import { asText, entityOf, type StoredEvent } from './events.js';
import { fits } from './filters.js';
import { type Attempt, type FunnelEvent, type FunnelRules, furthestAttempt } from './funnel-attempts.js';

/** How many came as far as a step, and how long it took them since the step before. */
export interface FunnelStep {
  readonly count: number;
  readonly averageSeconds: number | null;
  readonly medianSeconds: number | null;
}

/** The steps of a funnel by the breakdown's value; null stands for entries without one, and where none is asked for. */
export function answerFunnel(
  { metrics, contracts }: Definitions,
  events: readonly StoredEvent[],
  { key, range, zone, breakdown }: { key: string; range: Bucket; zone: string; breakdown?: string },
): ReadonlyMap<string | null, readonly FunnelStep[]> {
  const funnel = metrics[key]?.funnel;
  if (!funnel) throw new TypeError(`${key} is no funnel`);
  const rules = { funnel, range, zone };
  const groups = new Map<string | null, Attempt[]>(breakdown === undefined ? [[null, []]] : []);
  for (const own of eventsByEntity(events, rules, Object.keys(contracts))) {
    const attempt = furthestAttempt(own, rules);
    const [entry] = attempt;
    if (!entry) continue;
    const value = breakdown === undefined ? null : valueAt(entry, own, breakdown);
    groups.set(value, [...(groups.get(value) ?? []), attempt]);
  }
  return new Map([...groups].map(([value, group]) => [value, funnel.steps.map((_, step) => summary(group, step))]));
}

/** The events of each entity that matter, in the order in which the rules look at them. */
function eventsByEntity(
  events: readonly StoredEvent[],
  rules: FunnelRules,
  contracts: readonly string[],
): Iterable<FunnelEvent[]> {
  const { funnel, range } = rules;
  const found = new Map<string, FunnelEvent[]>();
  for (const event of events) {
    const entity = entityOf(event, funnel.entity);
    if (entity === undefined || event.time < range.start || !contracts.includes(event.event)) continue;
    if (funnel.rangeAppliesTo === 'every_step' && event.time >= range.end) continue;
    const own: FunnelEvent = {
      time: event.time,
      steps: placesOf(event, funnel.steps),
      exclusions: placesOf(event, funnel.exclude ?? []),
      source: event,
    };
    // In a strict funnel, any other event of the entity interrupts its steps.
    const matters = funnel.order === 'strict' || own.steps.length + own.exclusions.length > 0;
    if (matters) found.set(entity, [...(found.get(entity) ?? []), own]);
  }
  return [...found.values()].map((own) => own.sort(inOrder));
}

function placesOf(event: StoredEvent, selections: readonly Selection[]): number[] {
  return selections.flatMap((selection, place) =>
    selection.event === event.event && fits(event, selection.filter) ? [place] : [],
  );
}

/**
 * By time. Events of the same millisecond stand in the order of the steps that they fit, first by the earliest one,
 * then by those after it; events that fit none come last, and exclusions after others.
 */
function inOrder(a: FunnelEvent, b: FunnelEvent): number {
  const first = ({ steps }: FunnelEvent): number => steps[0] ?? Number.MAX_SAFE_INTEGER;
  const all = (places: readonly number[]): number => places.reduce((sum, place) => sum + 2 ** place, 0);
  return a.time - b.time || first(a) - first(b) || all(a.steps) - all(b.steps) || all(a.exclusions) - all(b.exclusions);
}

/**
 * The breakdown's value at an entry, null where it has none. Of several events at that millisecond that may be the
 * entry, one that fits the first step; of those, one without a value, or the first in alphabetical order.
 */
function valueAt(entry: FunnelEvent, own: readonly FunnelEvent[], field: string): string | null {
  const there = own.filter(({ time, steps }) => time === entry.time && steps.length > 0);
  const first = there.filter(({ steps }) => steps.includes(0));
  const values = (first.length > 0 ? first : there).map(({ source }) => source.values.get(field));
  const [least] = values.flatMap((value) => (value === undefined ? [] : [asText(value)])).sort();
  return values.includes(undefined) ? null : (least ?? null);
}

function summary(attempts: readonly Attempt[], step: number): FunnelStep {
  const reached = attempts.filter(({ length }) => length > step);
  const seconds = step === 0 ? [] : reached.map((attempt) => secondsBetween(attempt[step - 1], attempt[step]));
  return { count: reached.length, averageSeconds: average(seconds), medianSeconds: median(seconds) };
}

function secondsBetween(before: FunnelEvent | undefined, after: FunnelEvent | undefined): number {
  return ((after?.time ?? 0) - (before?.time ?? 0)) / 1_000;
}

function average(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = [sorted[Math.ceil(sorted.length / 2 - 1)], sorted[Math.floor(sorted.length / 2)]];
  return average(middle.filter((one) => one !== undefined));
}
