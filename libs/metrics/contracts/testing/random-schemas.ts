import { fc } from '@paddock/testing';
import type { Json } from '@paddock/contracts';
import { isObject, isSchema, type Schema, type SchemaObject } from '../normalise-schema.js';

/** Draws one value of an arbitrary. */
export type Draw = fc.GeneratorValue;

const NAMES = ['a', 'b', 'c', 'x1'];
const TEXTS = ['', 'a', 'ab', 'abcd', 'x1', '2026-02-28', '2026-02-28T00:00:00Z', '2026-02-30T00:00:00Z'];
const NUMBERS = [-1, 0, 0.5, 0.07, 1, 1.5, 2, 3, 10, 19.99];
const SCALARS: Json[] = [null, true, false, ...NUMBERS, ...TEXTS];
const MAX_DEPTH = 3;
const HOLDS_MAPS = ['properties', 'patternProperties', '$defs', 'dependentSchemas'];
const HOLDS_ONE = [
  'items',
  'additionalProperties',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'unevaluatedProperties',
];
const HOLDS_LIST = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];

/** A random schema of an object, with the keywords that contracts use and those that are hard to compare. */
export function drawContractSchema(draw: Draw): SchemaObject {
  return { ...objectSchema(draw, 0), type: 'object', $defs: { part: scalarSchema(draw) } };
}

/** The same with one to three changes somewhere. */
export function drawChange(draw: Draw, schema: SchemaObject): SchemaObject {
  let changed = schema;
  for (let left = draw(fc.integer, { min: 1, max: 3 }); left > 0; left -= 1) changed = edited(draw, changed);
  return { ...changed, type: 'object', $defs: schema['$defs'] ?? {} };
}

/** A value that may well fit a schema. */
export function drawValue(draw: Draw, schema: Schema, depth = 0): Json {
  if (typeof schema === 'boolean' || depth > MAX_DEPTH + 1 || chance(draw, 12)) return drawJson(draw, depth);
  const listed = schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']]);
  if (Array.isArray(listed) && listed.length > 0) return pick(draw, listed);
  const branches = ['anyOf', 'oneOf', 'allOf']
    .flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword] : []))
    .filter(isSchema);
  if (branches.length > 0 && chance(draw, 2)) return drawValue(draw, pick(draw, branches), depth + 1);
  const types = [schema['type']].flat().filter((type) => typeof type === 'string');
  const type = types.length > 0 ? pick(draw, types) : isObject(schema['properties']) ? 'object' : undefined;
  if (type === 'object') return drawObject(draw, schema, depth);
  if (type === 'array')
    return Array.from({ length: draw(fc.nat, 3) }, () =>
      drawValue(draw, isSchema(schema['items']) ? schema['items'] : true, depth + 1),
    );
  if (type === 'number' || type === 'integer') return pick(draw, NUMBERS);
  if (type === 'string') return pick(draw, TEXTS);
  return drawJson(draw, depth);
}

function drawObject(draw: Draw, schema: SchemaObject, depth: number): Json {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const more = isSchema(schema['additionalProperties']) ? schema['additionalProperties'] : true;
  const names = NAMES.filter((name) =>
    required.includes(name) ? !chance(draw, 20) : chance(draw, properties[name] === undefined ? 4 : 2),
  );
  return Object.fromEntries(
    names.map((name) => [name, drawValue(draw, isSchema(properties[name]) ? properties[name] : more, depth + 1)]),
  );
}

function drawJson(draw: Draw, depth: number): Json {
  if (depth <= MAX_DEPTH && chance(draw, 6))
    return Object.fromEntries(NAMES.filter(() => chance(draw, 3)).map((name) => [name, drawJson(draw, depth + 1)]));
  if (depth <= MAX_DEPTH && chance(draw, 6))
    return Array.from({ length: draw(fc.nat, 3) }, () => drawJson(draw, depth + 1));
  return pick(draw, SCALARS);
}

function anySchema(draw: Draw, depth: number): Schema {
  if (depth >= MAX_DEPTH) return scalarSchema(draw);
  const kind = draw(fc.integer, { min: 0, max: 11 });
  if (kind === 0) return chance(draw, 3) ? false : true;
  if (kind === 1) return { $ref: '#/$defs/part' };
  if (kind === 2) return { ...scalarSchema(draw), ...composition(draw, depth) };
  if (kind === 3) return arraySchema(draw, depth);
  if (kind <= 5) return objectSchema(draw, depth);
  return scalarSchema(draw);
}

function composition(draw: Draw, depth: number): SchemaObject {
  const branches = (): Schema[] =>
    Array.from({ length: draw(fc.integer, { min: 1, max: 2 }) }, () => anySchema(draw, depth + 1));
  switch (draw(fc.nat, 4)) {
    case 0:
      return { anyOf: branches() };
    case 1:
      return { oneOf: branches() };
    case 2:
      return { allOf: branches() };
    case 3:
      return { not: scalarSchema(draw) };
    default:
      return { if: scalarSchema(draw), then: anySchema(draw, depth + 1), else: anySchema(draw, depth + 1) };
  }
}

function scalarSchema(draw: Draw): SchemaObject {
  switch (draw(fc.nat, 5)) {
    case 0:
      return {
        enum: Array.from({ length: draw(fc.integer, { min: 1, max: 3 }) }, () => pick(draw, SCALARS)).filter(
          (value, index, all) => all.indexOf(value) === index,
        ),
      };
    case 1:
      return {
        type: pick(draw, [
          'boolean',
          'null',
          ['boolean', 'null'],
          ['string', 'null'],
          ['integer', 'string'],
          ['number', 'null'],
        ]),
      };
    case 2:
      return {
        type: pick(draw, ['number', 'integer']),
        ...some(draw, {
          minimum: () => pick(draw, NUMBERS),
          maximum: () => pick(draw, NUMBERS),
          exclusiveMinimum: () => pick(draw, NUMBERS),
          exclusiveMaximum: () => pick(draw, NUMBERS),
          multipleOf: () => pick(draw, [0.01, 0.5, 1, 2]),
        }),
      };
    case 3:
      return { const: pick(draw, SCALARS) };
    default:
      return {
        type: 'string',
        ...some(draw, {
          minLength: () => draw(fc.nat, 4),
          maxLength: () => draw(fc.nat, 4),
          pattern: () => pick(draw, ['^a', 'b', '[0-9]$']),
          format: () => pick(draw, ['date', 'date-time']),
        }),
      };
  }
}

function arraySchema(draw: Draw, depth: number): SchemaObject {
  const schema = (): Schema => anySchema(draw, depth + 1);
  // Not both: Ajv 8.20 lets an empty list pass `contains` where the same schema has `prefixItems`.
  const first = chance(draw, 2) ? { prefixItems: () => [schema()] } : { contains: schema };
  return {
    type: 'array',
    ...some(draw, {
      items: schema,
      ...first,
      minItems: () => draw(fc.nat, 2),
      maxItems: () => draw(fc.nat, 3),
      uniqueItems: () => draw(fc.boolean),
      minContains: () => draw(fc.nat, 2),
      maxContains: () => draw(fc.nat, 2),
    }),
  };
}

function objectSchema(draw: Draw, depth: number): SchemaObject {
  const schema = (): Schema => anySchema(draw, depth + 1);
  const names = (): string[] => NAMES.filter(() => chance(draw, 3));
  const rare = some(
    draw,
    {
      patternProperties: () => ({ [pick(draw, ['^x', '1$', '^[ab]'])]: schema() }),
      propertyNames: () => scalarSchema(draw),
      minProperties: () => draw(fc.nat, 2),
      maxProperties: () => draw(fc.integer, { min: 1, max: 4 }),
      dependentRequired: () => ({ a: names() }),
      dependentSchemas: () => ({ b: schema() }),
      unevaluatedProperties: () => draw(fc.boolean),
      allOf: () => [objectSchema(draw, depth + 1)],
    },
    8,
  );
  return {
    type: 'object',
    properties: Object.fromEntries(NAMES.filter(() => chance(draw, 2)).map((name) => [name, schema()])),
    ...some(draw, { required: names, additionalProperties: () => (chance(draw, 3) ? schema() : draw(fc.boolean)) }, 2),
    ...rare,
  };
}

/** Each member with a chance of one in `of`. */
function some(draw: Draw, members: Readonly<Record<string, () => Json>>, of = 4): SchemaObject {
  return Object.fromEntries(
    Object.entries(members)
      .filter(() => chance(draw, of))
      .map(([name, make]) => [name, make()]),
  );
}

/** One change: a keyword goes, comes or changes, here or in a schema below. */
function edited(draw: Draw, schema: SchemaObject): SchemaObject {
  const keywords = Object.keys(schema).filter((keyword) => keyword !== '$defs');
  const below = keywords.filter(
    (keyword) => HOLDS_MAPS.includes(keyword) || HOLDS_ONE.includes(keyword) || HOLDS_LIST.includes(keyword),
  );
  if (below.length > 0 && !chance(draw, 3)) {
    const keyword = pick(draw, below);
    return { ...schema, [keyword]: editedBelow(draw, keyword, schema[keyword] ?? null) };
  }
  if (keywords.length > 0 && chance(draw, 2)) {
    const gone = pick(draw, keywords);
    return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== gone));
  }
  const other = chance(draw, 2) ? scalarSchema(draw) : objectSchema(draw, MAX_DEPTH - 1);
  const added = Object.entries(other).filter(([keyword]) => keyword !== 'type' || schema['type'] === undefined);
  return added.length === 0 ? schema : { ...schema, ...Object.fromEntries([pick(draw, added)]) };
}

function editedBelow(draw: Draw, keyword: string, value: Json): Json {
  const edit = (member: Json): Json =>
    isObject(member) && !chance(draw, 6) ? edited(draw, member) : anySchemaJson(draw);
  if (HOLDS_MAPS.includes(keyword) && isObject(value)) {
    const names = Object.keys(value);
    const name =
      names.length === 0 || (keyword === 'properties' && chance(draw, 3)) ? pick(draw, NAMES) : pick(draw, names);
    if (chance(draw, 5)) return Object.fromEntries(Object.entries(value).filter(([known]) => known !== name));
    return { ...value, [name]: edit(value[name] ?? null) };
  }
  if (Array.isArray(value) && value.length > 0) {
    const at = draw(fc.nat, value.length - 1);
    return value.map((member, index) => (index === at ? edit(member) : member));
  }
  return edit(value);
}

function anySchemaJson(draw: Draw): Json {
  return anySchema(draw, MAX_DEPTH - 1);
}

function chance(draw: Draw, of: number): boolean {
  return draw(fc.nat, of - 1) === 0;
}

function pick<T>(draw: Draw, values: readonly T[]): T {
  const [chosen] = values.slice(draw(fc.nat, values.length - 1));
  if (chosen === undefined) throw new Error('there is nothing to pick from');
  return chosen;
}
