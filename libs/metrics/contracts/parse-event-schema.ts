import { LRUCache } from 'lru-cache';
import { sha256Hex } from '@paddock/contracts';
import { schemaProblem, schemaSize, schemaValidator } from '@paddock/json-schema';
import { DefinitionReader } from '../definition-reader.js';
import type { DefinitionProblem, Parsed } from '../problem.js';
import { parseDuration } from '../time/duration.js';
import { checkCompatibility, type CompatibilityViolation } from './check-compatibility.js';
import { contractFields, type FieldType } from './event-fields.js';
import { comparedName, MAX_SENT_NAME_LENGTH } from './event-names.js';
import {
  COMPATIBILITY_MODES,
  DEFAULT_COMPATIBILITY,
  type EventSchemaBody,
  type EventTimePolicy,
  type EventVersion,
  type IdentifyingFields,
} from './event-schema-body.js';
import { isObject, type SchemaObject } from './normalise-schema.js';
import { compareSemVer, parseSemVer } from './semver.js';

/** Names of events, as they travel: `bet_placed`, `page`. */
export const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const MAX_VERSIONS = 100;
const MAX_NAMES = 50;
const SENT_NAME = {
  max: MAX_SENT_NAME_LENGTH,
  pattern: /^(?!\s)\P{Cc}*(?<!\s)(?<=.)$/u,
  code: 'INVALID_NAME',
  expected: 'a name without white space at its ends and without control characters',
} as const;
const MAX_SCHEMA_BYTES = 100_000;
/** Of all versions together: each schema that is new is compiled. */
const MAX_PARTS = 3_000;
/** Has the meta-schema, whose compilation takes longer than everything else. */
const reference = schemaValidator('decide');

/**
 * Reads the body of an event schema with all its rules: shape, schemas, order of versions, compatibility, identifying
 * fields. Compatibility of a landed schema is not checked again: rules may have become stricter since, and its events
 * still have to be read.
 */
export function parseEventSchema(
  input: unknown,
  { landed = false }: { landed?: boolean } = {},
): Parsed<EventSchemaBody> {
  const problems: DefinitionProblem[] = [];
  const parts = landed ? 0 : schemaSize(input).parts;
  if (parts > MAX_PARTS)
    return {
      ok: false,
      problems: [
        {
          path: 'versions',
          code: 'TOO_LONG',
          message: `have ${parts} parts of schemas together, at most ${MAX_PARTS} are allowed`,
        },
      ],
    };
  const from = DefinitionReader.of(input, '', problems);
  const body: EventSchemaBody = {
    event: from.text('event', {
      pattern: EVENT_NAME,
      code: 'INVALID_NAME',
      expected: 'a name of letters, digits and underscores, at most 64 characters',
    }),
    ...from.optional('names', () => readNames(from)),
    ...from.optional('description', (name) => from.text(name, { max: 10_000 })),
    versions: from.parts('versions', { min: 1, max: MAX_VERSIONS }, (part) => readVersion(part, landed)),
    ...from.optional('compatibility', (name) => from.oneOf(name, COMPATIBILITY_MODES)),
    fields: readFields(from.part('fields')),
    ...from.optional('time', (name) => readTimePolicy(from.part(name))),
  };
  from.done();
  if (problems.length === 0)
    problems.push(...orderProblems(body), ...(landed ? [] : compatibilityProblems(body)), ...fieldProblems(body));
  return problems.length === 0 ? { ok: true, body } : { ok: false, problems };
}

function readNames(from: DefinitionReader): string[] {
  const names = from.texts('names', { min: 0, max: MAX_NAMES }, SENT_NAME);
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    // An unreadable value is an empty text here.
    if (name !== '' && seen.has(comparedName(name)))
      from.problem(`names[${index}]`, 'DUPLICATE', `${JSON.stringify(name)} is listed twice`, undefined);
    seen.add(comparedName(name));
  }
  return names;
}

function readVersion(from: DefinitionReader, landed: boolean): EventVersion {
  const version: EventVersion = {
    version: from.text('version', { max: 40 }),
    schema: readSchema(from, landed),
    ...from.optional('deprecated', (name) => readDeprecation(from.part(name))),
  };
  if (version.version !== '' && !parseSemVer(version.version))
    from.problem(
      'version',
      'INVALID_VERSION',
      `must be a version like 1.2.0, not ${JSON.stringify(version.version)}`,
      undefined,
    );
  from.done();
  return version;
}

function readSchema(from: DefinitionReader, landed: boolean): SchemaObject {
  const given = from.value('schema');
  if (given === undefined) return from.problem('schema', 'REQUIRED', 'is required', {});
  const text = JSON.stringify(given);
  if (text.length > MAX_SCHEMA_BYTES)
    return from.problem('schema', 'TOO_LONG', `has ${text.length} bytes, at most ${MAX_SCHEMA_BYTES} are allowed`, {});
  // A copy by value: what is stored is JSON and nothing else.
  const schema: unknown = JSON.parse(text);
  const reason = (landed ? undefined : schemaProblem(schema)) ?? knownFault(text, schema);
  if (reason !== undefined || !isSchemaObject(schema))
    return from.problem('schema', 'INVALID_SCHEMA', reason ?? 'must be an object', {});
  return schema;
}

/** Each schema is counted once: a new version comes with all earlier ones. */
const faults = new LRUCache<string, { reason: string | undefined }>({ max: 500 });

function knownFault(text: string, schema: unknown): string | undefined {
  const hash = sha256Hex(text);
  const known = faults.get(hash) ?? { reason: schemaFault(schema) };
  faults.set(hash, known);
  return known.reason;
}

function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemaFault(schema: unknown): string | undefined {
  if (!isSchemaObject(schema)) return 'must be an object';
  const { $schema: dialect } = schema;
  if (dialect !== undefined && dialect !== 'https://json-schema.org/draft/2020-12/schema')
    return 'must be JSON Schema 2020-12';
  if (schema['type'] !== 'object') return 'must have type object, as an event is one';
  try {
    if (reference.validateSchema(schema) !== true)
      return `schema is invalid: ${reference.errorsText(reference.errors)}`;
    // An instance of its own: a shared one would keep every schema for ever, and let one `$id` stand for another.
    schemaValidator('decide', { validateSchema: false, meta: false }).compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readDeprecation(from: DefinitionReader): { endsOn: string; reason?: string } {
  const deprecated = {
    endsOn: from.text('endsOn', { max: 10 }),
    ...from.optional('reason', (name) => from.text(name)),
  };
  const date = new Date(`${deprecated.endsOn}T00:00:00Z`);
  if (deprecated.endsOn !== '' && (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(deprecated.endsOn))) {
    from.problem(
      'endsOn',
      'INVALID_DATE',
      `must be a date like 2027-01-31, not ${JSON.stringify(deprecated.endsOn)}`,
      undefined,
    );
  }
  from.done();
  return deprecated;
}

function readFields(from: DefinitionReader): IdentifyingFields {
  const fields = {
    id: from.text('id', { max: 300 }),
    time: from.text('time', { max: 300 }),
    ...from.optional('user', (name) => from.text(name, { max: 300 })),
    ...from.optional('anonymous', (name) => from.text(name, { max: 300 })),
    ...from.optional('session', (name) => from.text(name, { max: 300 })),
  };
  from.done();
  return fields;
}

function readTimePolicy(from: DefinitionReader): EventTimePolicy {
  const duration = (name: string): string => {
    const text = from.text(name, { max: 20 });
    if (text !== '' && !parseDuration(text))
      from.problem(
        name,
        'INVALID_DURATION',
        `must be a duration above zero like 5m or 72h, not ${JSON.stringify(text)}`,
        undefined,
      );
    return text;
  };
  const policy = {
    ...from.optional('maxFutureSkew', duration),
    ...from.optional('outOfOrder', duration),
    ...from.optional('idleTimeout', duration),
    ...from.optional('allowedLateness', duration),
  };
  from.done();
  return policy;
}

function orderProblems(body: EventSchemaBody): DefinitionProblem[] {
  return body.versions.flatMap(({ version }, index) => {
    const [here, before] = [parseSemVer(version), parseSemVer(body.versions[index - 1]?.version ?? '')];
    if (!here || !before || compareSemVer(before, here) < 0) return [];
    return [
      {
        path: `versions[${index}].version`,
        code: 'INVALID_VERSION' as const,
        message: `must be newer than ${body.versions[index - 1]?.version ?? ''}, which stands before it`,
      },
    ];
  });
}

function compatibilityProblems(body: EventSchemaBody): DefinitionProblem[] {
  const mode = body.compatibility ?? DEFAULT_COMPATIBILITY;
  return body.versions.flatMap((version, index) =>
    checkCompatibility(version, body.versions.slice(0, index), mode).map((violation) => ({
      path: `versions[${index}].schema${violation.field === '' ? '' : `.${violation.field}`}`,
      code: 'INCOMPATIBLE' as const,
      message: incompatibility(version.version, violation, mode),
    })),
  );
}

/** A violation between two versions in words, with a remedy where there is one. */
export function incompatibility(
  version: string,
  { direction, version: other, message, undeclaredOnly }: CompatibilityViolation,
  mode: string,
): string {
  const [reader, writer] = direction === 'BACKWARD' ? [version, other] : [other, version];
  const wayOn = undeclaredOnly
    ? '; compatibility DECLARED_TRANSITIVE accepts this, as it compares declared fields only'
    : '';
  return `${reader} cannot read events of ${writer} (${mode}): ${message}${wayOn}`;
}

const IDENTIFYING: Readonly<Record<keyof IdentifyingFields, readonly FieldType[]>> = {
  id: ['TEXT', 'INTEGER'],
  time: ['TIME', 'INTEGER'],
  user: ['TEXT', 'INTEGER'],
  anonymous: ['TEXT'],
  session: ['TEXT', 'INTEGER'],
};

function fieldProblems(body: EventSchemaBody): DefinitionProblem[] {
  const fields = new Map(contractFields(body).map(({ path, type }) => [path, type]));
  const roles: (keyof IdentifyingFields)[] = ['id', 'time', 'user', 'anonymous', 'session'];
  return roles.flatMap((role): DefinitionProblem[] => {
    const named = body.fields[role];
    if (named === undefined) return [];
    const type = fields.get(named);
    const path = `fields.${role}`;
    if (type === undefined)
      return [
        { path, code: 'UNKNOWN_EVENT_FIELD', message: `${JSON.stringify(named)} is not declared by any version` },
      ];
    if (!IDENTIFYING[role].includes(type))
      return [
        {
          path,
          code: 'WRONG_TYPE',
          message: `${named} is ${type}; it must be ${IDENTIFYING[role].join(' or ')}${role === 'time' ? ' (a string of format date-time, or milliseconds)' : ''}`,
        },
      ];
    const demanded =
      (role === 'id' || role === 'time') && !body.versions.every(({ schema }) => requiresField(schema, named));
    if (role === 'anonymous' && body.fields.user === undefined)
      return [{ path, code: 'NOT_ALLOWED', message: 'has a meaning beside user only' }];
    if (role === 'anonymous' && body.fields.user === named)
      return [{ path, code: 'DUPLICATE', message: `${named} is the user already` }];
    return demanded ? [{ path, code: 'REQUIRED', message: `${named} must be required by every version` }] : [];
  });
}

/** Whether every event that fits a schema has a field at this path. */
export function requiresField(schema: SchemaObject, path: string): boolean {
  const [head = '', ...rest] = path.split('.');
  const required = Array.isArray(schema['required']) && schema['required'].includes(head);
  if (!required || rest.length === 0) return required;
  const properties = schema['properties'];
  const inner = isObject(properties) ? properties[head] : undefined;
  return isObject(inner) && requiresField(inner, rest.join('.'));
}
