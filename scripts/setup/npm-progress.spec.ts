import { expect, test } from 'vitest';
import { countPackages } from './npm-progress.mjs';

test('npm’s log of fetches becomes a count of packages; every archive counts once', () => {
  const seen: string[] = [];
  const onLine = countPackages(3, (text) => seen.push(text));
  for (const line of [
    'npm http fetch GET 200 https://registry.example/@nestjs/core/-/core-12.5.1.tgz 230ms (cache miss)',
    'npm http fetch GET 200 https://registry.example/fastify 12ms (cache miss)',
    'npm http cache https://registry.example/fastify/-/fastify-5.12.8.tgz 0ms (cache hit)',
    'npm http fetch GET 200 https://registry.example/fastify/-/fastify-5.12.8.tgz 3ms (cache revalidated)',
    'npm warn deprecated something',
    'npm http fetch GET 200 https://registry.example/ws/-/ws-8.23.0.tgz 9ms (cache miss)',
  ])
    onLine(line);
  expect(seen).toEqual([
    '1 of 3 packages, core-12.5.1',
    '2 of 3 packages, fastify-5.12.8',
    '3 packages fetched, unpacking',
  ]);
});
