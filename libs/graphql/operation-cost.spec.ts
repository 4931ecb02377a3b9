import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { costProblem } from './operation-cost.js';

const schema = buildSchema(`
  type Query { list(first: Int, last: Int): Page, plain: [Row!]!, row: Row }
  type Page { nodes: [Row!]!, totalCount: Int }
  type Row { id: ID, rows: [Row!] }
`);

function costOf(query: string, variables: Record<string, unknown> = {}, operationName?: string): unknown {
  const limit = { most: 0, defaultPage: 20, maxPage: 100 };
  return costProblem(schema, parse(query), { operationName, variables }, limit)?.extensions['actual'];
}

describe('the cost of an operation', () => {
  it.each([
    ['fields', '{ row { id } }', {}, 2],
    ['a list without pages as ten', '{ plain { id } }', {}, 11],
    ['a page of the usual length', '{ list { nodes { id } } }', {}, 41],
    ['a page by its size', '{ list(first: 3) { nodes { id } totalCount } }', {}, 10],
    ['a page by its variable', 'query ($n: Int) { list(last: $n) { nodes { id } } }', { n: 5 }, 11],
    ['a page beyond the longest as the longest', '{ list(first: 1000) { nodes { id } } }', {}, 201],
    ['a list within a list', '{ plain { rows { id } } }', {}, 111],
    ['a fragment wherever it is spread', '{ row { ...A ...A } } fragment A on Row { id }', {}, 3],
    ['inline fragments', '{ row { ... on Row { id } ... { id } } }', {}, 3],
    ['fragments in a circle as nothing more', '{ row { ...A } } fragment A on Row { id ...A }', {}, 2],
  ])('counts %s', (_, query, variables, cost) => {
    expect(costOf(query, variables)).toBe(cost);
  });

  it('leaves reading the schema to another rule, and counts the operation that was asked for', () => {
    expect(costOf('{ __schema { types { name } } }')).toBeUndefined();
    expect(costOf('query A { row { id } } query B { plain { id } }', {}, 'B')).toBe(11);
  });

  it('counts fragments that double each other in no time', () => {
    const doubling = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Row { ...F${n + 1} ...F${n + 1} }`);
    expect(costOf(`{ row { ...F0 } } ${doubling.join(' ')} fragment F60 on Row { id }`)).toBe(1 + 2 ** 60);
  });
});
