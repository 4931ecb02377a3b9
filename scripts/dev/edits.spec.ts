import { writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory, until } from '@paddock/testing';
import { watchEdits } from './edits.mjs';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let reports: string[][];
let end: () => void;
beforeEach(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'apps', 'edge'), { recursive: true });
  reports = [];
  end = watchEdits(
    ['apps'],
    (files) => {
      reports.push([...files]);
      return Promise.resolve();
    },
    directory.path,
  );
});
afterEach(async () => {
  end();
  await directory.remove();
});

const write = (file: string, text = ''): Promise<void> => writeFile(join(directory.path, file), text);
const seen = (...files: string[]) =>
  until(() => files.every((file) => reports.flat().includes(file)), { what: `a report of ${files.join(', ')}` });

test('many writes in a row are one report of each file', async () => {
  // Without a turn of the event loop in between, in which a report could be made on a busy machine.
  for (let round = 0; round < 20; round += 1)
    for (const file of ['apps/a.ts', 'apps/b.ts']) writeFileSync(join(directory.path, file), String(round));
  await seen('apps/a.ts', 'apps/b.ts');
  expect(reports).toEqual([['apps/a.ts', 'apps/b.ts']]);
});

test('a file that replaces another, as editors save, is an edit', async () => {
  await write('apps/edge/main.ts', 'before');
  await seen('apps/edge/main.ts');
  reports.length = 0;
  await write('apps/edge/.main.ts.swp', 'after');
  await rename(join(directory.path, 'apps/edge/.main.ts.swp'), join(directory.path, 'apps/edge/main.ts'));
  await seen('apps/edge/main.ts');
});

test('a removed file is an edit, and so is a file in a new folder', async () => {
  await write('apps/gone.ts');
  await seen('apps/gone.ts');
  reports.length = 0;
  await rm(join(directory.path, 'apps/gone.ts'));
  await seen('apps/gone.ts');
  await mkdir(join(directory.path, 'apps/new/folder'), { recursive: true });
  await write('apps/new/folder/file.ts');
  await seen('apps/new/folder/file.ts');
});

test('a file that is written without a pause is reported', async () => {
  const writing = setInterval(() => writeFileSync(join(directory.path, 'apps/a.ts'), String(Math.random())), 10);
  await seen('apps/a.ts').finally(() => clearInterval(writing));
});

test('specs, declarations and other files are no part of a process', async () => {
  await write('apps/a.spec.ts');
  await write('apps/a.d.ts');
  await write('apps/a.md');
  await write('apps/a.ts');
  await seen('apps/a.ts');
  expect(reports).toEqual([['apps/a.ts']]);
});
