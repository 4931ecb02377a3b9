import { canonicalJson, type Json } from '#contracts';
import { isObject, isSchema, type Schema, type SchemaObject } from './normalise-schema.js';
import { fieldPath, type Violation } from './violation.js';

/** How members are compared that a writer's schema does not declare, but does not forbid either. */
export type OpenContent =
  /** They may hold anything, so a reader that declares one of them narrows it. What the sets say. */
  | 'strict'
  /** They are no part of the contract: the collector keeps them apart from declared fields, so declaring one is safe. */
  | 'lenient';

type Compare = (reader: Schema, writer: Schema, field: string) => Violation[];

/** Checks the members of an object, field by field. */
export function objectViolations(reader: SchemaObject, writer: SchemaObject, field: string, content: OpenContent, compare: Compare): Violation[] {
  return [
    ...requiredViolations(reader, writer, field),
    ...memberViolations(reader, writer, field, content, compare),
    ...restViolations(reader, writer, field, content, compare),
    ...dependentViolations(reader, writer, field),
  ];
}

function requiredViolations(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
  const always = new Set(names(writer['required']));
  return names(reader['required'])
    .filter((name) => !always.has(name))
    .map((name) => {
      const path = fieldPath(field, name);
      return { code: 'FIELD_REQUIRED', field: path, keyword: 'required', message: `${path} is required by the reader, but may be missing` };
    });
}

function memberViolations(reader: SchemaObject, writer: SchemaObject, field: string, content: OpenContent, compare: Compare): Violation[] {
  const declared = new Set([...Object.keys(members(reader)), ...Object.keys(members(writer))]);
  return [...declared].flatMap((name) => {
    const path = fieldPath(field, name);
    const written = memberSchema(writer, name);
    if (content === 'lenient' && written.undeclared && written.schema === true) return [];
    const read = memberSchema(reader, name);
    if (written.schema === false) return [];
    if (read.schema === false) {
      return [{ code: 'FIELD_FORBIDDEN', field: path, keyword: 'additionalProperties', message: `${path} is not known to the reader, which allows no other fields` }];
    }
    return compare(read.schema, written.schema, path);
  });
}

/** Members that neither side names. */
function restViolations(reader: SchemaObject, writer: SchemaObject, field: string, content: OpenContent, compare: Compare): Violation[] {
  const found: Violation[] = [];
  const read = schemaOr(reader['additionalProperties']);
  const written = schemaOr(writer['additionalProperties']);
  const forbids = read === false && written !== false;
  if (forbids && (content === 'strict' || written !== true)) {
    found.push({ code: 'FIELD_FORBIDDEN', field, keyword: 'additionalProperties', message: 'the reader allows no other fields, the writer does' });
  } else if (written !== false && !forbids && !(content === 'lenient' && written === true)) {
    found.push(...compare(read, written, fieldPath(field, '*')));
  }
  const patterns = new Set([...Object.keys(map(reader['patternProperties'])), ...Object.keys(map(writer['patternProperties']))]);
  for (const pattern of patterns) {
    const theirs = map(writer['patternProperties'])[pattern];
    const ours = map(reader['patternProperties'])[pattern];
    const path = fieldPath(field, `/${pattern}/`);
    if (theirs === undefined && written === false) continue;
    found.push(...compare(schemaOr(ours, read), schemaOr(theirs, written), path));
  }
  if (isSchema(reader['propertyNames'])) found.push(...compare(reader['propertyNames'], schemaOr(writer['propertyNames'], { type: 'string' }), fieldPath(field, '*')));
  return found;
}

function dependentViolations(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
  return ['dependentRequired', 'dependentSchemas'].flatMap((keyword) =>
    Object.entries(map(reader[keyword]))
      .filter(([name, wanted]) => {
        const had = map(writer[keyword])[name];
        if (keyword === 'dependentRequired') return !names(wanted).every((other) => [...names(had), ...names(writer['required'])].includes(other));
        return had === undefined || canonicalJson(had) !== canonicalJson(wanted);
      })
      .map(([name]) => {
        const path = fieldPath(field, name);
        return { code: 'FIELD_NARROWED' as const, field: path, keyword, message: `${path} demands more of other fields than before` };
      }),
  );
}

/** What an object's schema says of one member: the declared schema, those of patterns that match, or that of all others. */
function memberSchema(schema: SchemaObject, name: string): { schema: Schema; undeclared: boolean } {
  const declared = members(schema)[name];
  const matching = Object.entries(map(schema['patternProperties'])).filter(([pattern]) => matches(pattern, name)).map(([, member]) => schemaOr(member));
  const all = [...(declared === undefined ? [] : [schemaOr(declared)]), ...matching];
  const [first] = all;
  if (first === undefined) return { schema: schemaOr(schema['additionalProperties']), undeclared: true };
  return { schema: all.length === 1 ? first : { allOf: all }, undeclared: false };
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return false;
  }
}

function members(schema: SchemaObject): { [name: string]: Json } {
  return map(schema['properties']);
}

function map(value: Json | undefined): { [name: string]: Json } {
  return isObject(value) ? value : {};
}

function names(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function schemaOr(value: Json | undefined, otherwise: Schema = true): Schema {
  return isSchema(value) ? value : otherwise;
}
