import { readFile } from 'node:fs/promises';
import {
  checkExploration,
  checkMetric,
  type DefinitionProblem,
  type EventSchemaBody,
  type Parsed,
  parseEventSchema,
  parseExploration,
  parseMetric,
} from '@paddock/metrics';
import { Definitions } from './definitions.js';

/** Definitions that cannot be used, with every mistake in them. */
export class InvalidDefinitions extends Error {
  constructor(readonly problems: readonly DefinitionProblem[]) {
    super(
      `invalid definitions:\n${problems.map(({ path, code, message }) => `  ${path} ${code}: ${message}`).join('\n')}`,
    );
  }
}

/**
 * Reads `{ "events": [event schema, …], "metrics": { key: metric, … }, "explorations": { key: exploration, … } }`.
 * @throws InvalidDefinitions with every mistake, SyntaxError
 */
export function parseDefinitions(text: string): Definitions {
  const given: unknown = JSON.parse(text);
  const { events, metrics, explorations }: { events?: unknown; metrics?: unknown; explorations?: unknown } =
    typeof given === 'object' && given !== null ? given : {};
  const problems: DefinitionProblem[] = [];
  const contracts = (Array.isArray(events) ? events : []).flatMap((event: unknown, index): EventSchemaBody[] => {
    const parsed = parseEventSchema(event);
    if (parsed.ok) return [parsed.body];
    problems.push(...under(`events[${index}]`, parsed.problems));
    return [];
  });
  const bodies = readByKey('metrics', metrics, parseMetric, problems);
  const asked = readByKey('explorations', explorations, parseExploration, problems);
  const definitions = new Definitions(contracts, bodies, asked);
  if (problems.length === 0) {
    for (const [key, body] of bodies) problems.push(...under(`metrics.${key}`, checkMetric(key, body, definitions)));
    for (const [key, body] of asked)
      problems.push(...under(`explorations.${key}`, checkExploration(body, definitions)));
  }
  if (problems.length > 0) throw new InvalidDefinitions(problems);
  return definitions;
}

function readByKey<Body>(
  place: string,
  given: unknown,
  parse: (body: unknown) => Parsed<Body>,
  problems: DefinitionProblem[],
): [string, Body][] {
  return Object.entries(typeof given === 'object' && given !== null ? given : {}).flatMap(
    ([key, body]): [string, Body][] => {
      const parsed = parse(body);
      if (parsed.ok) return [[key, parsed.body]];
      problems.push(...under(`${place}.${key}`, parsed.problems));
      return [];
    },
  );
}

export async function readDefinitions(path: string): Promise<Definitions> {
  return parseDefinitions(await readFile(path, 'utf8'));
}

function under(place: string, problems: readonly DefinitionProblem[]): DefinitionProblem[] {
  return problems.map((problem) => ({ ...problem, path: problem.path === '' ? place : `${place}.${problem.path}` }));
}
