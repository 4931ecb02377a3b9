import type { Definitions, Metric } from '../../../../../test/reference-model/definitions.js';
import type { Delivery } from '../../../../../test/reference-model/intake.js';
import { inputsOf, type Query } from './random-queries.js';
import { differencesOf, type Reproduction } from './reproduction.js';

/** Makes a reproduction smaller while there is time: fewer events, then less of the query and the metrics. */
export async function shrink(reproduction: Reproduction, deadline: number): Promise<Reproduction> {
  const fails = async (candidate: Reproduction): Promise<boolean> => {
    // The remainder may no longer be a valid metric or query, and then proves nothing.
    try {
      return (await differencesOf(candidate)).length > 0;
    } catch {
      return false;
    }
  };
  let smallest = { ...reproduction, definitions: needed(reproduction) };
  if (!(await fails(smallest))) return reproduction;
  let size = Math.ceil(countOf(smallest.deliveries) / 2);
  for (let from = 0; size >= 1 && Date.now() < deadline;) {
    const candidate = { ...smallest, deliveries: without(smallest.deliveries, from, from + size) };
    if (countOf(candidate.deliveries) < countOf(smallest.deliveries) && (await fails(candidate))) smallest = candidate;
    else from += size;
    if (from < countOf(smallest.deliveries)) continue;
    size = size === 1 ? 0 : Math.ceil(size / 2);
    from = 0;
  }
  for (let progress = true; progress && Date.now() < deadline;) {
    progress = false;
    for (const candidate of simpler(smallest)) {
      if (Date.now() > deadline || !(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** The metrics that a query needs. */
function needed({ definitions, query }: Reproduction): Definitions {
  const keys = new Set<string>();
  const visit = (key: string): void => {
    const metric = definitions.metrics[key];
    if (!metric) return;
    keys.add(key);
    inputsOf(metric).forEach(visit);
  };
  visit(query.kind === 'series' ? (query.query.metric ?? '') : query.key);
  return {
    ...definitions,
    metrics: Object.fromEntries(Object.entries(definitions.metrics).filter(([key]) => keys.has(key))),
  };
}

function countOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, delivery) => sum + membersOf(delivery), 0);
}

function membersOf(delivery: Delivery): number {
  if (delivery.kind === 'repair') return 1;
  return delivery.kind === 'events' ? delivery.events.length : delivery.calls.length;
}

/** Leaves out the events, calls and repairs from one place to another, counted over all deliveries. */
function without(deliveries: readonly Delivery[], from: number, to: number): Delivery[] {
  let place = 0;
  return deliveries.flatMap((delivery): Delivery[] => {
    if (delivery.kind === 'repair') return isLeft(place++, from, to) ? [delivery] : [];
    if (delivery.kind === 'calls') {
      const calls = delivery.calls.filter(() => isLeft(place++, from, to));
      return calls.length > 0 ? [{ ...delivery, calls }] : [];
    }
    const events = delivery.events.filter(() => isLeft(place++, from, to));
    return events.length > 0 ? [{ ...delivery, events }] : [];
  });
}

function isLeft(place: number, from: number, to: number): boolean {
  return place < from || place >= to;
}

/** The same with one member of the query or of a metric left out. */
function* simpler(reproduction: Reproduction): Generator<Reproduction> {
  const { query, definitions } = reproduction;
  for (const simpleQuery of simplerQueries(query)) yield { ...reproduction, query: simpleQuery };
  for (const [key, metric] of Object.entries(definitions.metrics)) {
    for (const simple of withoutOneMember(metric)) {
      yield { ...reproduction, definitions: { ...definitions, metrics: { ...definitions.metrics, [key]: simple } } };
    }
  }
}

function* simplerQueries(query: Query): Generator<Query> {
  if (query.kind !== 'series') return;
  for (const name of ['filter', 'compareTo', 'dimensions', 'zone'] as const) {
    const { [name]: dropped, ...rest } = query.query;
    if (dropped !== undefined) yield { kind: 'series', query: rest };
  }
  const { from, to } = query.query;
  const middle = Math.floor((from + to) / 2);
  if (to - from < 60_000) return;
  yield { kind: 'series', query: { ...query.query, to: middle } };
  yield { kind: 'series', query: { ...query.query, from: middle } };
}

/** A metric, or a part of it, without one of its members. */
function* withoutOneMember(value: Metric): Generator<Metric> {
  for (const variant of smallerValues(value)) if (isMetric(variant)) yield variant;
}

function* smallerValues(value: unknown): Generator {
  if (Array.isArray(value)) {
    for (const index of value.keys()) yield value.filter((_, other) => other !== index);
    for (const [index, member] of value.entries()) {
      for (const smaller of smallerValues(member))
        yield value.map((other: unknown, at) => (at === index ? smaller : other));
    }
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    for (const [name] of members) yield Object.fromEntries(members.filter(([other]) => other !== name));
    for (const [name, member] of members)
      for (const smaller of smallerValues(member)) yield { ...value, [name]: smaller };
  }
}

function isMetric(value: unknown): value is Metric {
  return typeof value === 'object' && value !== null;
}
