import type { Json } from '@paddock/contracts';

/** A JSON Schema: `true`, `false` or an object of keywords. */
export type Schema = boolean | SchemaObject;
export type SchemaObject = { [keyword: string]: Json };

/** Whether a JSON value is a plain object. */
export function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a JSON value can be read as a schema. */
export function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'boolean' || isObject(value);
}

const LISTS_OF_SCHEMAS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS_OF_SCHEMAS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const SCHEMAS = [
  'items',
  'additionalProperties',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
];

/**
 * Rewrites what draft-04 to draft-07 wrote differently into JSON Schema 2020-12, so that contracts of other registries
 * can be compared by one set of rules: tuples (`items` as a list, `additionalItems`), `dependencies`, boolean
 * `exclusiveMinimum` and `exclusiveMaximum`.
 */
export function normaliseSchema(schema: Schema): Schema {
  if (typeof schema === 'boolean') return schema;
  const { items, additionalItems, dependencies, ...rest } = schema;
  const out: SchemaObject = { ...rest };
  if (Array.isArray(items)) {
    out['prefixItems'] = items;
    if (additionalItems !== undefined) out['items'] = additionalItems;
  } else if (items !== undefined) {
    out['items'] = items;
  }
  if (isObject(dependencies)) splitDependencies(out, dependencies);
  return normaliseMembers(
    normaliseBound(normaliseBound(out, 'minimum', 'exclusiveMinimum'), 'maximum', 'exclusiveMaximum'),
  );
}

/** Draft-04 said by a flag that a bound is exclusive; 2020-12 has a bound of its own. */
function normaliseBound(schema: SchemaObject, bound: string, exclusive: string): SchemaObject {
  const flag = schema[exclusive];
  if (typeof flag !== 'boolean') return schema;
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keyword !== exclusive && !(flag && keyword === bound)),
  );
  const limit = schema[bound];
  return flag && limit !== undefined ? { ...rest, [exclusive]: limit } : rest;
}

function splitDependencies(out: SchemaObject, dependencies: { [name: string]: Json }): void {
  const entries = Object.entries(dependencies);
  out['dependentRequired'] = Object.fromEntries(entries.filter(([, value]) => Array.isArray(value)));
  out['dependentSchemas'] = Object.fromEntries(entries.filter(([, value]) => isSchema(value)));
}

function normaliseMembers(schema: SchemaObject): SchemaObject {
  const out: SchemaObject = { ...schema };
  for (const keyword of LISTS_OF_SCHEMAS) {
    const list = out[keyword];
    if (Array.isArray(list)) out[keyword] = list.map((member) => (isSchema(member) ? normaliseSchema(member) : member));
  }
  for (const keyword of MAPS_OF_SCHEMAS) {
    const map = out[keyword];
    if (!isObject(map)) continue;
    out[keyword] = Object.fromEntries(
      Object.entries(map).map(([name, member]) => [name, isSchema(member) ? normaliseSchema(member) : member]),
    );
  }
  for (const keyword of SCHEMAS) {
    const member = out[keyword];
    if (isSchema(member)) out[keyword] = normaliseSchema(member);
  }
  return out;
}

/** Finds what a local `$ref` names: a JSON pointer (`#/$defs/x`) or an anchor, also draft-07's `"$id": "#x"`. */
export function resolveRef(root: Schema, ref: string): Schema | undefined {
  if (ref === '#') return root;
  if (ref.startsWith('#/')) return followPointer(root, ref);
  return findAnchor(root, ref);
}

function followPointer(root: Schema, ref: string): Schema | undefined {
  let found: Json | undefined = root;
  for (const part of ref.slice(2).split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(name)];
    else if (isObject(found)) found = found[name];
    else return undefined;
  }
  return isSchema(found) ? found : undefined;
}

function findAnchor(value: Json, ref: string): Schema | undefined {
  if (Array.isArray(value)) return firstOf(value, ref);
  if (!isObject(value)) return undefined;
  if (value['$id'] === ref || `#${String(value['$anchor'])}` === ref) return value;
  return firstOf(Object.values(value), ref);
}

function firstOf(values: readonly Json[], ref: string): Schema | undefined {
  for (const value of values) {
    const found = findAnchor(value, ref);
    if (found !== undefined) return found;
  }
  return undefined;
}
