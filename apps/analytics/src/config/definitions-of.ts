import { checkExploration, checkMetric, type DefinitionProblem, type EventSchemaBody, type ExplorationBody, type MetricBody, type Parsed, parseEventSchema, parseExploration, parseMetric } from '#metrics';
import { namedZone } from '#time-zones';
import { Definitions } from '../definitions/definitions.js';
import { InvalidDefinitions } from '../definitions/definitions-file.js';

/** The kinds of config that analytics follows. */
export const FOLLOWED_KINDS = ['event-schema', 'metric', 'exploration'] as const;

/** A live document, of which nobody here has checked the body yet. */
interface LiveDocument {
  readonly ref: { readonly kind: string; readonly key: string };
  readonly body: unknown;
}

/**
 * Event schemas, metrics and explorations as they are live together. The control plane has checked them; they are read
 * here as if it had not, because it may be of another version.
 * @throws InvalidDefinitions with every mistake
 */
export function definitionsOf(documents: Iterable<LiveDocument>): Definitions {
  const contracts: EventSchemaBody[] = [];
  const metrics: [string, MetricBody][] = [];
  const explorations: [string, ExplorationBody][] = [];
  const problems: DefinitionProblem[] = [];
  const keep = <Body>(ref: LiveDocument['ref'], parsed: Parsed<Body>, kept: (body: Body) => void): void => {
    if (parsed.ok) kept(parsed.body);
    else problems.push(...under(ref, parsed.problems));
  };
  for (const { ref, body } of documents) {
    if (ref.kind === 'event-schema') keep(ref, parseEventSchema(body, { landed: true }), (contract) => contracts.push(contract));
    else if (ref.kind === 'metric') keep(ref, parseMetric(withNamedZone(body)), (metric) => metrics.push([ref.key, metric]));
    else keep(ref, parseExploration(withNamedZone(withSeconds(body))), (exploration) => explorations.push([ref.key, exploration]));
  }
  const definitions = new Definitions(contracts, metrics, explorations);
  if (problems.length === 0) {
    for (const [key, body] of metrics) problems.push(...under({ kind: 'metric', key }, checkMetric(key, body, definitions)));
    for (const [key, body] of explorations) problems.push(...under({ kind: 'exploration', key }, checkExploration(body, definitions)));
  }
  if (problems.length > 0) throw new InvalidDefinitions(problems);
  return definitions;
}

/** Explorations that landed earlier may leave out the seconds of their range, which RFC 3339 does not. */
function withSeconds(body: unknown): unknown {
  if (!isRecord(body) || !isRecord(body['range'])) return body;
  const range = Object.entries(body['range']).map(([name, value]) => [name, typeof value === 'string' ? value.replace(WITHOUT_SECONDS, '$1:00$2') : value]);
  return { ...body, range: Object.fromEntries(range) };
}

/** What landed earlier may name its zone as Intl takes it. */
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

function under({ kind, key }: LiveDocument['ref'], problems: readonly DefinitionProblem[]): DefinitionProblem[] {
  return problems.map((problem) => ({ ...problem, path: `${kind} ${key}: ${problem.path}` }));
}
