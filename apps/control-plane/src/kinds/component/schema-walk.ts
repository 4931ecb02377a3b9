import { isObject } from '../rules/check.js';
import { below } from '../rules/path.js';

const ONE = [
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'contains',
  'items',
  'unevaluatedItems',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];
const LISTED = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

/** A schema within a schema, and where it stands: as a path for people, as a JSON Pointer (RFC 6901) for references. */
export interface Subschema {
  schema: Record<string, unknown>;
  path: string;
  pointer: string;
}

/**
 * A schema and every schema within it, by the keywords of JSON Schema 2020-12 that hold schemas: what stands in `const`,
 * `enum` or `default` is data, and a property may be called `$ref`. `true` and `false`, which are schemas too, come as
 * `{}`: there is nothing in them.
 */
export function* subschemas(schema: unknown, path = '', pointer = ''): Generator<Subschema> {
  if (typeof schema === 'boolean') yield { schema: {}, path, pointer };
  if (!isObject(schema)) return;
  yield { schema, path, pointer };
  for (const keyword of ONE) yield* subschemas(schema[keyword], below(path, keyword), `${pointer}/${keyword}`);
  for (const keyword of LISTED) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    for (const [at, member] of list.entries())
      yield* subschemas(member, `${below(path, keyword)}[${at}]`, `${pointer}/${keyword}/${at}`);
  }
  for (const keyword of NAMED) {
    const named = schema[keyword];
    if (!isObject(named)) continue;
    for (const [name, member] of Object.entries(named)) {
      yield* subschemas(
        member,
        below(below(path, keyword), name),
        `${pointer}/${keyword}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      );
    }
  }
}
