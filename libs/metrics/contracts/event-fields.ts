import type { Json } from '@paddock/contracts';
import type { EventSchemaBody, EventVersion } from './event-schema-body.js';
import { isObject, isSchema, normaliseSchema, resolveRef, type Schema, type SchemaObject } from './normalise-schema.js';
import { fieldPath } from './violation.js';

/**
 * The type of a field. NUMBER: at most nine decimals, below 10^12, kept exactly. INTEGER: whole numbers within the range
 * that JSON keeps exactly, ±(2^53 - 1). TIME: an instant in milliseconds. JSON: anything else, kept as text and not usable in metrics.
 */
export const FIELD_TYPES = ['TEXT', 'NUMBER', 'INTEGER', 'FLAG', 'TIME', 'JSON'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface EventField {
  /** Path within the event, `cart.total`. */
  path: string;
  type: FieldType;
}

/** Names of one level of a path; `__` joins levels in the store, so no name contains it or ends with one. */
const NAME = /^(?!.*__)[A-Za-z][A-Za-z0-9_]{0,62}[A-Za-z0-9]$|^[A-Za-z]$/;
const MAX_NESTING = 4;

/** The fields that one version declares, in the order of their paths; objects are entered, lists are not. */
export function versionFields(version: EventVersion): EventField[] {
  const root = normaliseSchema(version.schema);
  return fieldsBelow(root, root, '').sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The fields of all versions of a contract, each with the type that holds the values of every version. */
export function contractFields(body: Pick<EventSchemaBody, 'versions'>): EventField[] {
  const types = new Map<string, FieldType>();
  for (const version of body.versions) {
    for (const { path, type } of versionFields(version)) types.set(path, widest(types.get(path) ?? type, type));
  }
  return [...types].map(([path, type]) => ({ path, type })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a name can be a field of an event that metrics use. */
export function isFieldName(name: string): boolean {
  // A name that every JavaScript object inherits would look like a present field.
  return NAME.test(name) && !(name in Object.prototype);
}

function fieldsBelow(schema: Schema, root: Schema, path: string): EventField[] {
  const object = resolved(schema, root);
  return Object.entries(isObject(object['properties']) ? object['properties'] : {}).flatMap(([name, given]) => {
    if (!isFieldName(name) || !isSchema(given)) return [];
    const at = fieldPath(path, name);
    const member = resolved(given, root);
    const nested = isObject(member['properties']) && at.split('.').length < MAX_NESTING;
    return nested ? fieldsBelow(member, root, at) : [{ path: at, type: typeOf(member) }];
  });
}

function resolved(schema: Schema, root: Schema): SchemaObject {
  if (typeof schema === 'boolean') return {};
  const ref = schema['$ref'];
  const target = typeof ref === 'string' ? resolveRef(root, ref) : undefined;
  return typeof target === 'object' ? { ...target, ...schema } : schema;
}

function typeOf(schema: SchemaObject): FieldType {
  const types = listed(schema).filter((type) => type !== 'null');
  const [only] = types;
  if (types.length === 2 && types.includes('integer') && types.includes('number')) return 'NUMBER';
  if (types.length !== 1 || only === undefined) return 'JSON';
  switch (only) {
    case 'integer':
      return 'INTEGER';
    case 'number':
      return 'NUMBER';
    case 'boolean':
      return 'FLAG';
    case 'string':
      return schema['format'] === 'date-time' ? 'TIME' : 'TEXT';
    default:
      return 'JSON';
  }
}

/** The types a schema allows, also where it only lists values. */
function listed(schema: SchemaObject): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  const values = Array.isArray(schema['enum'])
    ? schema['enum']
    : schema['const'] === undefined
      ? []
      : [schema['const']];
  return [...new Set(values.map(jsonType))];
}

function jsonType(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}

function widest(a: FieldType, b: FieldType): FieldType {
  if (a === b) return a;
  if ([a, b].every((type) => type === 'INTEGER' || type === 'NUMBER')) return 'NUMBER';
  if ([a, b].every((type) => type === 'TEXT' || type === 'TIME')) return 'TEXT';
  return 'JSON';
}
