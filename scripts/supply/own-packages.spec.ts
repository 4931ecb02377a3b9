import { describe, expect, it } from 'vitest';
import { declarationProblems, importsOf, readOwnPackages } from './own-packages.mjs';

const own = {
  folder: 'apps/edge',
  name: '@paddock/edge',
  dependencies: ['ws'],
  devDependencies: ['eventsource'],
  imported: new Set(['ws']),
  importedByTests: new Set(['eventsource', 'vitest']),
};

describe('what a package of the repository declares', () => {
  it('is what its sources and tests import', async () => {
    const packages = await readOwnPackages();
    expect(packages.length).toBeGreaterThan(20);
    expect(declarationProblems(packages)).toEqual([]);
  });

  it('passes where both agree', () => {
    expect(declarationProblems([own])).toEqual([]);
  });

  it.each([
    ['a package missing', { imported: new Set(['ws', '@paddock/contracts']) }, 'does not declare @paddock/contracts'],
    [
      'one for tests missing',
      { importedByTests: new Set(['jsdom']) },
      'does not declare jsdom, which its tests import',
    ],
    ['one too many', { dependencies: ['ws', 'luxon'] }, 'declares luxon, which nothing there imports'],
  ])('is reported with %s', (_, difference, sentence) => {
    expect(declarationProblems([{ ...own, ...difference }])).toEqual([expect.stringContaining(sentence)]);
  });

  it('is read from every form of import', () => {
    const text = [
      "import 'reflect-metadata';",
      "import { a } from '@scope/name/file';",
      "export type { B } from 'b';",
      "const c = await import('c');",
      "import { readFile } from 'node:fs';",
      "import { own } from './own.js';",
      "import { runApp } from '#built/runtime';",
    ].join('\n');
    expect(importsOf(text)).toEqual(['reflect-metadata', '@scope/name', 'b', 'c']);
  });
});
