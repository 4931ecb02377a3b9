import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { introspectionRule } from './introspection-rule.js';
import { limitsRule } from './limits-rule.js';

const LIMITS = { depth: 8, aliases: 10, rootFields: 5, directives: 10 };
const schema = buildSchema(readFileSync('apps/control-plane/schema.graphql', 'utf8'));

const problems = (query: string) =>
  validate(schema, parse(query), [limitsRule(LIMITS), introspectionRule]).map(({ extensions }) => {
    const { measure, limit, actual } = extensions;
    return { measure, limit, actual };
  });

const OPTIONS = [
  'descriptions',
  'specifiedByUrl',
  'directiveIsRepeatable',
  'schemaDescription',
  'inputValueDeprecation',
  'oneOf',
];
const SETS = Array.from({ length: 2 ** OPTIONS.length }, (_, set) =>
  Object.fromEntries(OPTIONS.map((option, at) => [option, (set & (2 ** at)) > 0])),
);

describe('introspection', () => {
  test('every form of the standard query of graphql-js passes beside the limits of ordinary operations', () => {
    expect(SETS.flatMap((options) => problems(getIntrospectionQuery(options)))).toEqual([]);
  });

  test('what stands beside it is judged as ever', () => {
    const deep = `{ __schema { types { name } } me ${'{ a '.repeat(9)}${'}'.repeat(9)} }`;
    expect(problems(deep)).toEqual([{ measure: 'depth', limit: 8, actual: 10 }]);
  });

  test.each([
    [
      'deeper than the standard query',
      `{ __type(name: "Query") { ${'ofType { '.repeat(20)} name ${'}'.repeat(20)} } }`,
      { measure: 'introspectionDepth', limit: 16, actual: 22 },
    ],
    [
      'many aliases of the schema',
      `{ ${Array.from({ length: 6 }, (_, at) => `a${at}: __type(name: "Query") { name }`).join(' ')} }`,
      { measure: 'introspectionAliases', limit: 5, actual: 6 },
    ],
    [
      'the schema many times over through fragments that double each other',
      `{ __schema { types { ...f0 } } } ${Array.from({ length: 12 }, (_, at) => `fragment f${at} on __Type { a${at}: name ofType { ...f${at + 1} } interfaces { ...f${at + 1} } }`).join(' ')} fragment f12 on __Type { name }`,
      { measure: 'introspectionFields', limit: 500, actual: expect.any(Number) },
    ],
  ])('is refused: %s', (_, query, expected) => {
    expect(problems(query)).toContainEqual(expected);
  });

  test('in a fragment at the root it is judged, too, and circles end', () => {
    const query = `query { ...r } fragment r on Query { ...r __type(name: "Query") { ${'ofType { '.repeat(20)} name ${'}'.repeat(20)} } }`;
    expect(problems(query)).toContainEqual({ measure: 'introspectionDepth', limit: 16, actual: 22 });
  });
});
