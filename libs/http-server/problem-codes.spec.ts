import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Problem } from './problem.js';
import { PROBLEM_CODES, type ProblemCode } from './problem-codes.js';

const CODES = Object.keys(PROBLEM_CODES) as ProblemCode[];

test.each(CODES)('%s has a sentence for a title, and says what to do', (code) => {
  const { title, help } = PROBLEM_CODES[code];
  expect(title).toMatch(/^[A-Z][^.]*\.$/);
  expect(help).toMatch(/^[A-Z].*\.$/);
});

test('docs/errors.md lists every code as this table has it', () => {
  const documented = readFileSync('docs/errors.md', 'utf8').split('\n### ').slice(1);
  const expected = CODES.map((code) => {
    const { status, title, help } = PROBLEM_CODES[code];
    return `${code}\n\n${[status].flat().join(', ')}. ${title} ${help}`;
  });
  expect(documented.map((text) => text.trim())).toEqual(expected);
});

test('a problem says its code, where that is described, and every mistake with its place', () => {
  const errors = [{ field: 'seq', message: 'is not a seq', pointer: '#/seq' }];
  expect(JSON.parse(new Problem(400, 'INVALID_PARAMETERS', 'seq: is not a seq', { errors }).body('request-1'))).toEqual(
    {
      type: '/problems#INVALID_PARAMETERS',
      title: 'Some parameters of the request are not valid.',
      status: 400,
      code: 'INVALID_PARAMETERS',
      detail: 'seq: is not a seq',
      requestId: 'request-1',
      errors,
    },
  );
});

test.each([
  ['CLIENT_KEY_REQUIRED', 'ClientKey realm="Paddock", header="Paddock-Client-Key"'],
  ['UNAUTHENTICATED', 'Bearer realm="Paddock"'],
] as const)('a 401 of the code %s says how to authenticate', (code, challenge) => {
  expect(new Problem(401, code, 'no').headers).toEqual({ 'www-authenticate': challenge });
});
