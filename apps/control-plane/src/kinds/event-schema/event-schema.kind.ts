import { KEY_PATTERN, sha256Hex } from '@paddock/contracts';
import { type EventSchemaBody, parseEventSchema, sentNames } from '@paddock/metrics';
import type { ConfigKind, ParsedBody } from '../../documents/config-kind.js';
import { invisibleCharacter } from '../../graphql/invisible-characters.js';
import { FieldProblem } from '../../graphql/problems.js';
import { propsSchema } from '../component/props-schema.js';
import { isObject } from '../rules/check.js';
import { structureFindings } from '../rules/json-structure.js';
import { joined } from '../rules/path.js';
import { changeProblems, historyProblems } from './event-schema-change.js';

/** The key of an event's schema, by which metrics find it. */
export function eventKey(event: string): string {
  return event.toLowerCase();
}

/** The contract of an event, in all its versions: collectors check events against it, metrics may speak of its fields. */
export const eventSchemaKind: ConfigKind<EventSchemaBody> = {
  name: 'event-schema',
  schemaVersion: 1,
  siteless: true,

  parse(input): ParsedBody<EventSchemaBody> {
    const structure = structureFindings(input);
    if (structure.length > 0)
      return {
        ok: false,
        problems: structure.map(({ path = '', code, message }) => new FieldProblem(path, code, message)),
      };
    const parsed = parseEventSchema(input);
    const schemas = schemaProblems(input);
    const others = parsed.ok
      ? [...keyProblems(parsed.body), ...nameProblems(parsed.body)]
      : parsed.problems.map(({ path, code, message }) => new FieldProblem(path, code, message));
    // Where a schema cannot be compiled, its own problems say where and why.
    const problems = [
      ...schemas,
      ...others.filter(
        ({ path }) => !schemas.some((problem) => problem.path === path || problem.path.startsWith(`${path}.`)),
      ),
    ];
    return parsed.ok && problems.length === 0 ? parsed : { ok: false, problems };
  },

  label: (schema) => schema.event,

  keyOf: (schema) => eventKey(schema.event),

  references: () => [],

  checkAgainst: () => [],

  checkChange: changeProblems,
  checkHistory: historyProblems,

  // No visitor sees it; the plan shows whom its metrics reach. A name leads to one contract.
  reach: (schema) => ({
    audiences: [{ sites: [], jurisdictions: [] }],
    tags: [],
    places: [],
    claims: sentNames(schema).map(nameClaim),
  }),

  claimed: (schema, claim) => {
    const name = sentNames(schema).find((one) => nameClaim(one) === claim);
    return `the event name ${JSON.stringify(name ?? schema.event)}`;
  },
};

/** A name as a claim: claims are ASCII and short. */
function nameClaim(name: string): string {
  return /^[\w .:-]{1,80}$/.test(name) ? `name:${name}` : `name-sha256:${sha256Hex(name)}`;
}

function nameProblems({ names = [] }: EventSchemaBody): FieldProblem[] {
  return names.flatMap((name, index) => {
    const invisible = invisibleCharacter(name);
    if (!invisible) return [];
    const message = `contains the invisible character ${invisible.name} at position ${invisible.at}, with which it looks like another name; leave it out`;
    return [new FieldProblem(`names[${index}]`, 'INVISIBLE_CHARACTER', message)];
  });
}

function keyProblems({ event }: EventSchemaBody): FieldProblem[] {
  if (KEY_PATTERN.test(eventKey(event))) return [];
  return [
    new FieldProblem(
      'event',
      'INVALID_NAME',
      `${JSON.stringify(event)} has underscores that stand together or at the end, so no key can be made of it`,
    ),
  ];
}

/** What collectors run on events from outside must end in bounded time and need nothing from elsewhere. */
function schemaProblems(input: unknown): FieldProblem[] {
  const versions = isObject(input) && Array.isArray(input.versions) ? input.versions : [];
  return versions.flatMap((version: unknown, index) =>
    propsSchema(isObject(version) ? version.schema : undefined).map(
      ({ path = '', code, message }) => new FieldProblem(joined(`versions[${index}].schema`, path), code, message),
    ),
  );
}
