import {
  checkMetric,
  compileSimple,
  type EventSchemaBody,
  inputsOf,
  type MetricBody,
  selectFromRaw,
  selectionsOf,
} from '@paddock/metrics';
import type { Reference } from '../../../documents/config-kind.js';
import { StateView } from '../../../releases/after-state.js';
import type { PinnedBody, PlanInput } from '../../../releases/plan.js';
import { explorationKind } from '../../exploration/exploration.kind.js';
import { catalogueOf, metricKind } from '../metric.kind.js';

/** A metric with everything that it is computed from, as analytics reads definitions. */
export interface DefinitionBundle {
  events: EventSchemaBody[];
  metrics: Record<string, MetricBody>;
}

/** A metric that a release lands. */
export interface PlannedMetric {
  documentId: string;
  metric: string;
  /** Keys of the metrics that are computed from it after the release, through however many others. */
  usedBy: string[];
  /** Keys of the saved explorations that ask for it, directly or through metrics. */
  exploredBy: string[];
  /** The statement by which each simple metric within it reads raw events; none while the definition has mistakes. */
  statements: { metric: string; sql: string }[];
  definitions: DefinitionBundle;
}

/** An event schema that a release lands, and the metrics that speak of its event, directly or through others. */
export interface PlannedEventSchema {
  documentId: string;
  event: string;
  usedBy: string[];
  exploredBy: string[];
}

/** An exploration that a release lands. */
export interface PlannedExploration {
  documentId: string;
  exploration: string;
  /** Keys of the metrics that it is answered from, through however many others. */
  metrics: string[];
  /** Names of the events that it is answered from. */
  events: string[];
}

/** The effect of a release on metrics. Pure. */
export function plannedMetrics(input: PlanInput): PlannedMetric[] {
  const after = StateView.after(input);
  const users = usersOf(after);
  return landing(input, 'metric').map(({ documentId, ref: { key, site } }) => {
    const catalogue = catalogueOf((reference) => after.resolve(site, reference)?.body);
    const definitions = bundle(key, catalogue);
    return {
      documentId,
      metric: key,
      ...users(`metric ${key}`),
      definitions,
      statements: statementsOf(definitions, catalogue),
    };
  });
}

/** The effect of a release on event schemas. Pure. */
export function plannedEventSchemas(input: PlanInput): PlannedEventSchema[] {
  const users = usersOf(StateView.after(input));
  return landing(input, 'event-schema').map(({ documentId, ref: { key }, body }) => ({
    documentId,
    event: String(body['event']),
    ...users(`event-schema ${key}`),
  }));
}

/** The effect of a release on saved explorations. Pure. */
export function plannedExplorations(input: PlanInput): PlannedExploration[] {
  const after = StateView.after(input);
  return landing(input, 'exploration').map(({ documentId, ref: { key, site }, body }) => {
    const catalogue = catalogueOf((reference) => after.resolve(site, reference)?.body);
    const parsed = explorationKind.parse(body);
    const { metric, measure } = parsed.ok ? parsed.body : {};
    const { metrics, events } = metric === undefined ? { metrics: {}, events: [] } : bundle(metric, catalogue);
    return {
      documentId,
      exploration: key,
      metrics: Object.keys(metrics).sort(),
      events: [...events.map(({ event }) => event), ...(measure ? [measure.event] : [])].sort(),
    };
  });
}

function landing(input: PlanInput, kind: 'metric' | 'event-schema' | 'exploration'): PinnedBody[] {
  return input.items.flatMap(({ pinned }) => (pinned?.ref.kind === kind ? [pinned] : []));
}

/** Finds, for `kind key`, the metrics that refer to it and those that refer to them, and the explorations of all these. */
function usersOf(state: StateView): (target: string) => { usedBy: string[]; exploredBy: string[] } {
  const direct = new Map<string, { kind: string; key: string }[]>();
  for (const { ref, body } of state.bodies) {
    for (const reference of referencesOf(ref.kind, body)) {
      if ('key' in reference)
        direct.set(`${reference.kind} ${reference.key}`, [
          ...(direct.get(`${reference.kind} ${reference.key}`) ?? []),
          ref,
        ]);
    }
  }
  return (target) => {
    const found = { metric: new Set<string>(), exploration: new Set<string>() };
    const waiting = [target];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const { kind, key } of direct.get(next) ?? []) {
        if (kind === 'exploration') found.exploration.add(key);
        else if (!found.metric.has(key)) waiting.push(`metric ${key}`);
        if (kind === 'metric') found.metric.add(key);
      }
    }
    return { usedBy: [...found.metric].sort(), exploredBy: [...found.exploration].sort() };
  };
}

function referencesOf(kind: string, body: PinnedBody['body']): Reference[] {
  if (kind === 'metric') return metricKind.references(toMetricBody(body));
  const parsed = kind === 'exploration' ? explorationKind.parse(body) : undefined;
  return parsed?.ok ? explorationKind.references(parsed.body) : [];
}

type Catalogue = ReturnType<typeof catalogueOf>;

function bundle(
  key: string,
  catalogue: Catalogue,
  found: DefinitionBundle = { events: [], metrics: {} },
): DefinitionBundle {
  const body = catalogue.metric(key);
  if (!body || Object.hasOwn(found.metrics, key)) return found;
  found.metrics[key] = body;
  for (const { selection } of selectionsOf(body)) {
    const contract = catalogue.event(selection.event);
    if (contract && !found.events.includes(contract)) found.events.push(contract);
  }
  for (const { input } of inputsOf(body)) bundle(input.metric, catalogue, found);
  return found;
}

function statementsOf({ metrics }: DefinitionBundle, catalogue: Catalogue): PlannedMetric['statements'] {
  return Object.entries(metrics).flatMap(([metric, body]) => {
    const contract = body.simple && catalogue.event(body.simple.event);
    if (!body.simple || !contract || checkMetric(metric, body, catalogue).length > 0) return [];
    const compiled = compileSimple(body.simple, contract);
    const dimensions = compiled.dimensions.map(({ name }) => name);
    const question = {
      table: `raw_${compiled.event}`,
      during: '_time >= {from} AND _time < {to}',
      cell: 'toStartOfMinute(_time)',
      dimensions,
    };
    return [{ metric, sql: selectFromRaw(compiled, question) }];
  });
}

function toMetricBody(body: PinnedBody['body']): MetricBody {
  const parsed = metricKind.parse(body);
  return parsed.ok ? parsed.body : { title: '' };
}
