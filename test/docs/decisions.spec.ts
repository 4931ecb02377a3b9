import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDER = 'docs/adr';
/** `replaced by` names the successor. Further sentences on the line say what the decision extends or replaces. */
const STATUS =
  /^Status: (proposed|accepted|rejected|replaced by \[\d{4}\]\(\d{4}-[\w-]+\.md\))\. Date: (\d{4}-\d\d-\d\d)\.(?: \S.*)?$/;

const files = readdirSync(FOLDER).filter((file) => /^\d{4}-.*\.md$/.test(file));
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const index = [...textOf('README.md').matchAll(/^\| \[(?<number>\d{4})\]\((?<file>[^)]+)\) \| (?<title>.*) \|$/gm)];

test('the index has every decision once, in order', () => {
  expect(index.map(({ groups }) => groups?.['file'])).toEqual(files);
});

test.each(files)('%s has the number of its file, the title of the index, a status and a date', (file) => {
  const row = index.find(({ groups }) => groups?.['file'] === file);
  const [title, blank, status = ''] = textOf(file).split('\n');
  expect({ title, blank }).toEqual({ title: `# ${file.slice(0, 4)}: ${row?.groups?.['title']}`, blank: '' });
  expect(status).toMatch(STATUS);
  const date = STATUS.exec(status)?.[2] ?? '';
  expect(new Date(date).toJSON().slice(0, 10)).toBe(date);
});

test.each([
  'Status: accepted. Date: 2026-11-30.',
  'Status: replaced by [0023](0023-cascades-come-back.md). Date: 2026-11-30. Extends 0020.',
])('%s is a status', (line) => {
  expect(line).toMatch(STATUS);
});

test.each(['Accepted, 2026-11-30.', 'Status: accepted.', 'Status: replaced. Date: 2026-11-30.', 'Date: 2026-11-30.'])(
  '%s is no status',
  (line) => {
    expect(line).not.toMatch(STATUS);
  },
);
