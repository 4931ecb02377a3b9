import { expect, test } from 'vitest';
import { appsNamed } from './names.mjs';
import { syntaxProblem } from './tree.mjs';

test('apps are named as their folders are; without names all are meant', () => {
  expect(appsNamed(['edge', 'control-plane'])).toEqual(['controlPlane', 'edge']);
  expect(appsNamed([])).toEqual(['controlPlane', 'worker', 'edge', 'analytics', 'odds']);
});

test('every word that is no app is refused at once, with the words that are', () => {
  expect(() => appsNamed(['edge', 'controlPlane', 'shop'])).toThrow(
    'There is no app controlPlane, shop. The apps are control-plane, worker, edge, analytics, odds.',
  );
});

test('a syntax error begins with file and line, and ends before the stack of the compiler', () => {
  const drawn =
    '\u001B[31m  x\u001B[0m Expression expected\n   ,-[/work/apps/edge/main.ts:3:1]\n 3 | const x = ;\n   `----\n\n\nCaused by:\n    Syntax Error\n';
  expect(syntaxProblem('apps/edge/main.ts', drawn)).toBe(
    'apps/edge/main.ts:3\n  x Expression expected\n   ,-[/work/apps/edge/main.ts:3:1]\n 3 | const x = ;\n   `----',
  );
});

test('what the compiler says without a place is said with the file', () => {
  expect(syntaxProblem('apps/edge/main.ts', 'out of memory')).toBe('apps/edge/main.ts\nout of memory');
});
