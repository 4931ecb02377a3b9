import {
  type Catalogue,
  checkMetric,
  type EventSchemaBody,
  inputsOf,
  type MetricBody,
  parseMetric,
  selectionsOf,
} from '@paddock/metrics';
import type { ConfigKind, NamedReference, ParsedBody } from '../../documents/config-kind.js';
import { FieldProblem } from '../../graphql/problems.js';
import { eventKey } from '../event-schema/event-schema.kind.js';
import { structureFindings } from '../rules/json-structure.js';

/** A metric as config, computed by analytics from the moment it is live. */
export const metricKind: ConfigKind<MetricBody> = {
  name: 'metric',
  schemaVersion: 1,
  siteless: true,
  dependsOnOwnKind: true,

  parse(input): ParsedBody<MetricBody> {
    const structure = structureFindings(input);
    if (structure.length > 0)
      return {
        ok: false,
        problems: structure.map(({ path = '', code, message }) => new FieldProblem(path, code, message)),
      };
    const parsed = parseMetric(input);
    return parsed.ok
      ? parsed
      : {
          ok: false,
          problems: parsed.problems.map(({ path, code, message }) => new FieldProblem(path, code, message)),
        };
  },

  label: (metric) => metric.title,

  references: metricReferences,

  checkAgainst(metric, resolve, key) {
    const catalogue = catalogueOf(resolve);
    // That a target is not live is the engine's to report.
    const missing = new Set(
      metricReferences(metric)
        .filter((reference) => resolve(reference) === undefined)
        .map(({ path }) => path),
    );
    return checkMetric(key, metric, catalogue)
      .filter(({ path }) => !missing.has(path))
      .map(({ path, code, message }) => new FieldProblem(path, code, message));
  },

  reach: () => ({ audiences: [{ sites: [], jurisdictions: [] }], tags: [], places: [], claims: [] }),
};

function metricReferences(metric: MetricBody): NamedReference[] {
  return [
    ...selectionsOf(metric).map(({ selection, path }): NamedReference => ({
      kind: 'event-schema',
      key: eventKey(selection.event),
      path: `${path}.event`,
    })),
    ...inputsOf(metric).map(({ input, path }): NamedReference => ({
      kind: 'metric',
      key: input.metric,
      path: `${path}.metric`,
    })),
  ];
}

/** Event schemas and metrics of an environment, as they are live or would be. */
export function catalogueOf(resolve: (reference: NamedReference) => object | undefined): Catalogue {
  return {
    event(name) {
      const found = resolve({ kind: 'event-schema', key: eventKey(name), path: '' });
      // Keys are lower case, names of events are not: `BetPlaced` is no `betplaced`.
      return found && isEventSchema(found) && found.event === name ? found : undefined;
    },
    metric(key) {
      const found = resolve({ kind: 'metric', key, path: '' });
      return found && isMetric(found) ? found : undefined;
    },
  };
}

/** Bodies that the engine hands out have gone through their kind's `parse`, so what tells them apart is enough. */
function isEventSchema(body: object): body is EventSchemaBody {
  return 'event' in body && 'versions' in body;
}

function isMetric(body: object): body is MetricBody {
  return 'title' in body;
}
