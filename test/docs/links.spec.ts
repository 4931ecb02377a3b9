import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test.each(PAGES)('every link of %s to a file or heading of the repository leads somewhere', (page) => {
  const links = nodesOf(treeOf(page)).flatMap((node) =>
    node.type === 'link' || node.type === 'image' || node.type === 'definition' ? [node.url] : [],
  );
  const local = links.filter((url) => !/^[a-z]+:/.test(url));
  expect(local.filter((url) => !leadsSomewhere(page, url))).toEqual([]);
});

function leadsSomewhere(page: string, url: string): boolean {
  const [path = '', heading] = url.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return heading === undefined || !file.endsWith('.md') || headingsOf(file).includes(heading);
}

/** The names under which GitHub links headings. */
function headingsOf(page: string): string[] {
  return nodesOf(treeOf(page)).flatMap((node) => (node.type === 'heading' ? [slug(textOf(node))] : []));
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}

function nodesOf(node: Nodes): Nodes[] {
  return [node, ...('children' in node ? node.children.flatMap(nodesOf) : [])];
}

function treeOf(page: string): Nodes {
  return fromMarkdown(readFileSync(page, 'utf8'));
}
