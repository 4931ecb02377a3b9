import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fencedBlocks } from './fenced-blocks.js';

/** Every page with a block that says `run`, from the root of the repository: README first, then docs/ by name. */
export function pagesWithSteps(): string[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join('docs', name));
  return ['README.md', ...docs].filter((page) =>
    fencedBlocks(readFileSync(page, 'utf8')).some(({ words }) => words.includes('run')),
  );
}
