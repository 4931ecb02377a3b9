import { describe, expect, it } from 'vitest';
import { getIntrospectionQuery } from 'graphql';
import { documentProblem } from './document-problem.js';

const problem = (query: string): unknown => {
  const found = documentProblem(query, { tokens: 4_000 });
  return (
    found && {
      measure: found.extensions['measure'],
      limit: found.extensions['limit'],
      actual: found.extensions['actual'],
    }
  );
};

describe('documents that are costly to validate', () => {
  it.each([
    [
      'a filter nested 900 deep',
      `{ t(f: ${'{not:'.repeat(900)}{}${'}'.repeat(900)}) }`,
      { measure: 'nesting', limit: 64, actual: 903 },
    ],
    ['lists that are never closed', `{ t(f: ${'['.repeat(3_900)}`, { measure: 'nesting', limit: 64, actual: 3_902 }],
    ['selections within selections', '{ a '.repeat(1_000), { measure: 'nesting', limit: 64, actual: 1_000 }],
    ['900 times the same field', `{ ${'a '.repeat(900)} }`, { measure: 'repetitions', limit: 50, actual: 900 }],
    [
      'the same field in inline fragments',
      `{ ${'... on Q { a { b } } '.repeat(300)} }`,
      { measure: 'repetitions', limit: 50, actual: 300 },
    ],
    ['aliases that are the same', `{ b { ${'x: a '.repeat(60)} } }`, { measure: 'repetitions', limit: 50, actual: 60 }],
    [
      'fragments that name each other',
      Array.from({ length: 200 }, (_, at) => `fragment f${at} on Q { ...f${(at + 1) % 200} }`).join(' '),
      { measure: 'fragments', limit: 30, actual: 200 },
    ],
    ['very many tokens', `{ ${'a,'.repeat(50_000)} }`, { measure: 'tokens', limit: 4_000, actual: 50_002 }],
  ])('refuses %s, with limit and actual value', (_, query, expected) => {
    expect(problem(query)).toEqual(expected);
  });

  it.each([
    ['the introspection query of tools', getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })],
    [
      'the same field in many selections',
      `{ ${Array.from({ length: 50 }, (_, at) => `a${at}: t { id name }`).join(' ')} }`,
    ],
    ['brackets in texts and comments', `{ a(b: "${'{'.repeat(100)}") # ${'['.repeat(100)}\n }`],
    ['broken syntax, which graphql-js reports', '{ a('],
  ])('leaves %s alone', (_, query) => {
    expect(problem(query)).toBeUndefined();
  });

  it('refuses variables nested 3,000 deep', () => {
    const filter: unknown = JSON.parse(`${'{"not":'.repeat(3_000)}{}${'}'.repeat(3_000)}`);
    expect(documentProblem('query ($f: F) { t(f: $f) }', { tokens: 100 }, { filter })?.extensions).toMatchObject({
      measure: 'nesting',
      limit: 64,
      actual: 3_002,
    });
  });
});
