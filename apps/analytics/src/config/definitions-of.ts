import { type AnyRef, formatRef } from '@paddock/contracts';
import { type Landing, RefusedDocuments } from '@paddock/live-config';
import {
  checkExploration,
  checkMetric,
  type DefinitionProblem,
  type EventSchemaBody,
  type ExplorationBody,
  type MetricBody,
  type Parsed,
  parseEventSchema,
  parseExploration,
  parseMetric,
} from '@paddock/metrics';
import { namedZone } from '@paddock/time-zones';
import { Definitions } from '../definitions/definitions.js';

/** The kinds of config that analytics follows. */
export const FOLLOWED_KINDS = ['event-schema', 'metric', 'exploration'] as const;

/** A live document whose body this process has not checked yet. */
interface LiveDocument {
  readonly ref: AnyRef;
  readonly body: unknown;
  readonly landing?: Landing;
}

/**
 * Event schemas, metrics and explorations as they are live together. The control plane has checked them. They are
 * checked here again, because it may run another version.
 * @throws RefusedDocuments naming every document that cannot be used, with each mistake
 */
export function definitionsOf(documents: Iterable<LiveDocument>): Definitions {
  const contracts: EventSchemaBody[] = [];
  const explored: [AnyRef, ExplorationBody][] = [];
  const measured: [AnyRef, MetricBody][] = [];
  const landings = new Map<string, Landing>();
  const refused = new Map<string, string>();
  const refuse = (ref: AnyRef, problems: readonly DefinitionProblem[]): void => {
    const texts = problems.map(({ path, code, message }) => `${path} ${code}: ${message}`);
    if (texts.length > 0) refused.set(formatRef(ref), `${ref.kind} ${ref.key}: ${texts.join(', ')}`);
  };
  const keep = <Body>(ref: AnyRef, parsed: Parsed<Body>, kept: (body: Body) => void): void => {
    if (parsed.ok) kept(parsed.body);
    else refuse(ref, parsed.problems);
  };
  for (const { ref, body, landing } of documents) {
    if (ref.kind === 'metric' && landing) landings.set(ref.key, landing);
    if (ref.kind === 'event-schema')
      keep(ref, parseEventSchema(body, { landed: true }), (contract) => contracts.push(contract));
    else if (ref.kind === 'metric')
      keep(ref, parseMetric(withNamedZone(body)), (metric) => measured.push([ref, metric]));
    else
      keep(ref, parseExploration(withNamedZone(withSeconds(body))), (exploration) => explored.push([ref, exploration]));
  }
  const byKey = <Body>([{ key }, body]: [AnyRef, Body]): [string, Body] => [key, body];
  const definitions = new Definitions(contracts, measured.map(byKey), explored.map(byKey), landings);
  // Documents that depend on an unreadable one would be refused too, so the caller retries without the unreadable one.
  if (refused.size === 0) {
    for (const [ref, body] of measured) refuse(ref, checkMetric(ref.key, body, definitions));
    for (const [ref, body] of explored) refuse(ref, checkExploration(body, definitions));
  }
  if (refused.size > 0) throw new RefusedDocuments(refused);
  return definitions;
}

/** Explorations that landed earlier may leave out the seconds of their range, which RFC 3339 does not. */
function withSeconds(body: unknown): unknown {
  if (!isRecord(body) || !isRecord(body['range'])) return body;
  const range = Object.entries(body['range']).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(WITHOUT_SECONDS, '$1:00$2') : value,
  ]);
  return { ...body, range: Object.fromEntries(range) };
}

/** Explorations that landed earlier may name their zone in any spelling that Intl accepts. */
function withNamedZone(body: unknown): unknown {
  if (!isRecord(body)) return body;
  const serving = isRecord(body['serving']) ? { serving: withNamedZone(body['serving']) } : {};
  const zone = typeof body['timeZone'] === 'string' ? { timeZone: namedZone(body['timeZone']) } : {};
  return { ...body, ...serving, ...zone };
}

const WITHOUT_SECONDS = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})$/i;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
