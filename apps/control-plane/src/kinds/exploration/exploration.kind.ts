import { checkExploration, type ExplorationBody, parseExploration } from '@paddock/metrics';
import type { ConfigKind, NamedReference, ParsedBody } from '../../documents/config-kind.js';
import { FieldProblem } from '../../graphql/problems.js';
import { eventKey } from '../event-schema/event-schema.kind.js';
import { catalogueOf } from '../metric/metric.kind.js';
import { structureFindings } from '../rules/json-structure.js';

/** A question to analytics that was worth keeping: any measure by any dimensions, as config. */
export const explorationKind: ConfigKind<ExplorationBody> = {
  name: 'exploration',
  schemaVersion: 1,
  siteless: true,
  // What a metric can be split by is known only of those that it is computed from.
  dependsOnOwnKind: true,
  revalidatesDependents: true,

  parse(input): ParsedBody<ExplorationBody> {
    const structure = structureFindings(input);
    if (structure.length > 0)
      return {
        ok: false,
        problems: structure.map(({ path = '', code, message }) => new FieldProblem(path, code, message)),
      };
    const parsed = parseExploration(input);
    return parsed.ok
      ? parsed
      : {
          ok: false,
          problems: parsed.problems.map(({ path, code, message }) => new FieldProblem(path, code, message)),
        };
  },

  label: (exploration) => exploration.title,

  references: explorationReferences,

  checkAgainst(exploration, resolve) {
    // That a target is not live is the engine's to report.
    const missing = new Set(
      explorationReferences(exploration)
        .filter((reference) => resolve(reference) === undefined)
        .map(({ path }) => path),
    );
    return checkExploration(exploration, catalogueOf(resolve))
      .filter(({ path }) => !missing.has(path))
      .map(({ path, code, message }) => new FieldProblem(path, code, message));
  },

  reach: () => ({ audiences: [{ sites: [], jurisdictions: [] }], tags: [], places: [], claims: [] }),
};

function explorationReferences({ metric, measure }: ExplorationBody): NamedReference[] {
  return [
    ...(metric === undefined ? [] : [{ kind: 'metric' as const, key: metric, path: 'metric' }]),
    ...(measure ? [{ kind: 'event-schema' as const, key: eventKey(measure.event), path: 'measure.event' }] : []),
  ];
}
