import type { Json } from '@paddock/contracts';
import { compileLinear } from '@paddock/patterns';
import { isObject, isSchema, type Schema, type SchemaObject } from './normalise-schema.js';
import { fieldPath, type Violation } from './violation.js';

/** How to compare members that a writer's schema neither declares nor forbids. */
export type OpenContent =
  /** They may hold anything, so a reader that declares one of them narrows it. What the sets say. */
  | 'strict'
  /** Where the writer declares an object, it holds none of them, so the reader may declare them. */
  | 'lenient';

/** The parts of the whole comparison that the comparison of objects uses. */
export interface ObjectComparison {
  content: OpenContent;
  compare: (reader: Schema, writer: Schema, field: string) => Violation[];
  /** Whether two values say the same, each within its own schema: equal references may name different definitions. */
  same: (reader: Json, writer: Json | undefined) => boolean;
}

/** Checks the members of an object, field by field. */
export function objectViolations(
  reader: SchemaObject,
  writer: SchemaObject,
  field: string,
  { content, compare, same }: ObjectComparison,
): Violation[] {
  return [
    ...requiredViolations(reader, writer, field),
    ...memberViolations(reader, writer, field, content, compare),
    ...restViolations(reader, writer, field, compare),
    ...dependentViolations(reader, writer, field, same),
  ];
}

function requiredViolations(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
  const always = new Set(names(writer['required']));
  return names(reader['required'])
    .filter((name) => !always.has(name))
    .map((name) => {
      const path = fieldPath(field, name);
      return {
        code: 'FIELD_REQUIRED',
        field: path,
        keyword: 'required',
        message: `${path} is required by the reader, but may be missing`,
      };
    });
}

function memberViolations(
  reader: SchemaObject,
  writer: SchemaObject,
  field: string,
  content: OpenContent,
  compare: ObjectComparison['compare'],
): Violation[] {
  const declared = new Set([...Object.keys(members(reader)), ...Object.keys(members(writer))]);
  return [...declared].flatMap((name) => {
    const path = fieldPath(field, name);
    const written = memberSchema(writer, name);
    if (content === 'lenient' && declaresObject(writer) && written.undeclared && written.schema === true) return [];
    const read = memberSchema(reader, name);
    if (written.schema === false) return [];
    if (read.schema === false) {
      return [
        {
          code: 'FIELD_FORBIDDEN',
          field: path,
          keyword: 'additionalProperties',
          message: `${path} is not known to the reader, which allows no other fields`,
        },
      ];
    }
    return compare(read.schema, written.schema, path);
  });
}

/** Whether a schema says that there is an object, and so which members belong to it. */
function declaresObject(schema: SchemaObject): boolean {
  return [schema['type']].flat().includes('object');
}

/** Members that neither side names. */
function restViolations(
  reader: SchemaObject,
  writer: SchemaObject,
  field: string,
  compare: ObjectComparison['compare'],
): Violation[] {
  const found: Violation[] = [];
  const read = schemaOr(reader['additionalProperties']);
  const written = schemaOr(writer['additionalProperties']);
  if (read === false && written !== false) {
    found.push({
      code: 'FIELD_FORBIDDEN',
      field,
      keyword: 'additionalProperties',
      message: 'the reader allows no other fields, the writer does',
    });
  } else if (written !== false) {
    found.push(...compare(read, written, fieldPath(field, '*')));
  }
  return [...found, ...patternViolations(reader, writer, field, compare)];
}

/** Members by pattern. Two patterns may fit one name, so each of the reader's must hold for all that the writer may write, but for what both say alike. */
function patternViolations(
  reader: SchemaObject,
  writer: SchemaObject,
  field: string,
  compare: ObjectComparison['compare'],
): Violation[] {
  const found: Violation[] = [];
  const [read, written] = [schemaOr(reader['additionalProperties']), schemaOr(writer['additionalProperties'])];
  const [ours, theirs] = [map(reader['patternProperties']), map(writer['patternProperties'])];
  for (const pattern of Object.keys(ours)) {
    const path = fieldPath(field, `/${pattern}/`);
    const sources =
      theirs[pattern] === undefined
        ? [written, ...Object.values(theirs).map((schema) => schemaOr(schema))]
        : [schemaOr(theirs[pattern])];
    found.push(...sources.flatMap((source) => compare(schemaOr(ours[pattern]), source, path)));
  }
  for (const pattern of Object.keys(theirs)) {
    if (ours[pattern] === undefined)
      found.push(...compare(read, schemaOr(theirs[pattern]), fieldPath(field, `/${pattern}/`)));
  }
  if (isSchema(reader['propertyNames']))
    found.push(
      ...compare(reader['propertyNames'], schemaOr(writer['propertyNames'], { type: 'string' }), fieldPath(field, '*')),
    );
  return found;
}

function dependentViolations(
  reader: SchemaObject,
  writer: SchemaObject,
  field: string,
  same: ObjectComparison['same'],
): Violation[] {
  return ['dependentRequired', 'dependentSchemas'].flatMap((keyword) =>
    Object.entries(map(reader[keyword]))
      .filter(([name, wanted]) => {
        const had = map(writer[keyword])[name];
        if (keyword === 'dependentRequired')
          return !names(wanted).every((other) => [...names(had), ...names(writer['required'])].includes(other));
        return !same(wanted, had);
      })
      .map(([name]) => {
        const path = fieldPath(field, name);
        return {
          code: 'FIELD_NARROWED' as const,
          field: path,
          keyword,
          message: `${path} demands more of other fields than before`,
        };
      }),
  );
}

/** The schemas of one member of an object: the declared one, those of matching patterns, or that of all others. */
function memberSchema(schema: SchemaObject, name: string): { schema: Schema; undeclared: boolean } {
  const declared = members(schema)[name];
  const matching = Object.entries(map(schema['patternProperties']))
    .filter(([pattern]) => matches(pattern, name))
    .map(([, member]) => schemaOr(member));
  const all = [...(declared === undefined ? [] : [schemaOr(declared)]), ...matching];
  const [first] = all;
  if (first === undefined) return { schema: schemaOr(schema['additionalProperties']), undeclared: true };
  return { schema: all.length === 1 ? first : { allOf: all }, undeclared: false };
}

function matches(pattern: string, name: string): boolean {
  try {
    return compileLinear(pattern).test(name);
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
