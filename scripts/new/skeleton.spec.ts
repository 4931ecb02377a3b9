import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '@paddock/testing';
import { inProject } from '../setup/project.mjs';
import { kindSkeleton } from './kind.mjs';
import { namesOf } from './names.mjs';
import { inserted, writeSkeleton } from './skeleton.mjs';

test('one name has its spellings', () => {
  expect(namesOf('price-boost')).toEqual({
    file: 'price-boost',
    type: 'PriceBoost',
    member: 'priceBoost',
    words: 'price boost',
  });
});

test.each(['PriceBoost', 'price_boost', '-boost', 'boost-', '', '../boost', '1st'])('%j is no name', (name) => {
  expect(() => namesOf(name)).toThrow('lower-case words joined by dashes');
});

test('text goes before the one place that matches; otherwise the generator says that it does not fit', () => {
  const insertion = { file: 'a.ts', before: /^\]/, text: '  b,\n' };
  expect(inserted('[\n  a,\n];\n', insertion)).toBe('[\n  a,\n  b,\n];\n');
  expect(() => inserted('(\n)\n', insertion)).toThrow('a.ts has 0 places');
  expect(() => inserted('[\n];\n[\n];\n', insertion)).toThrow('a.ts has 2 places');
});

test.each(kindSkeleton(namesOf('price-boost')).insertions)('$file has the place $before', async (insertion) => {
  const content = await readFile(inProject(insertion.file), 'utf8');
  expect(inserted(content, insertion)).toContain(insertion.text);
});

test('nothing is written where a file is there already, or a place is missing', async () => {
  const { path, remove } = await temporaryDirectory();
  try {
    await mkdir(join(path, 'a'));
    await writeFile(join(path, 'a', 'there.ts'), 'mine');
    await writeFile(join(path, 'list.ts'), '[];');
    const files = { 'a/new.ts': 'new' };
    const missing = { file: 'list.ts', before: /^nowhere/, text: 'x' };
    await expect(
      writeSkeleton(path, { files: { 'a/there.ts': 'x', ...files }, insertions: [], left: [] }),
    ).rejects.toThrow('a/there.ts is there already');
    await expect(writeSkeleton(path, { files, insertions: [missing], left: [] })).rejects.toThrow('0 places');
    await expect(readFile(join(path, 'a', 'new.ts'))).rejects.toThrow('ENOENT');
    expect(await readFile(join(path, 'a', 'there.ts'), 'utf8')).toBe('mine');
  } finally {
    await remove();
  }
});
