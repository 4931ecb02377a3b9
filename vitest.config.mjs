import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { defineConfig } from 'vitest/config';

/** The libraries as package.json declares them, at their sources. */
const { imports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const libraries = Object.entries(imports).map(([find, built]) => ({
  find,
  replacement: join(import.meta.dirname, built.replace('./dist/', '').replace(/\.js$/, '.ts')),
}));

/** TypeScript as the build compiles it: Nest and TypeORM read the types of decorated members at run time. */
const swc = {
  name: 'swc',
  enforce: 'pre',
  async transform(code, id) {
    if (!/\.ts$/.test(id) || id.includes('/node_modules/')) return undefined;
    const { code: made, map } = await transform(code, { filename: id, sourceMaps: true });
    return { code: made, map };
  },
};

/**
 * The rooms whose suites share a process, so that each process loads Nest, TypeORM and Apollo once and not once per file.
 * Rooms stay apart: decorators of GraphQL types write into one registry of the process, which holds one app at a time.
 */
const ROOMS = {
  'control-plane': 'apps/control-plane',
  edge: 'apps/edge',
  odds: 'apps/odds',
  analytics: 'apps/analytics',
  cli: 'apps/cli',
  libs: 'libs',
  repository: '{bench,scripts,test}',
};

/** Suites of one kind in one room. */
const project = (kind, room, include, isolate = false) => ({
  extends: true,
  test: { name: `${kind}:${room}`, include, isolate },
});

const rooms = Object.entries(ROOMS);

export default defineConfig({
  plugins: [swc],
  oxc: false,
  resolve: {
    alias: [
      ...libraries,
      // As Node resolves it. The copy that bundlers take does not know the types of the one that Nest requires.
      { find: /^graphql$/, replacement: `${import.meta.dirname}/node_modules/graphql/index.js` },
    ],
  },
  test: {
    globals: true,
    environment: 'node',
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    passWithNoTests: true,
    projects: [
      ...rooms.map(([room, folder]) => project('unit', room, [`${folder}/**/*.spec.ts`])),
      // The engine of analytics is one per process, so each of its suites has a process of its own.
      ...rooms.map(([room, folder]) =>
        project('integration', room, [`${folder}/**/*.int-spec.ts`], room === 'analytics'),
      ),
      project('e2e', 'processes', ['test/e2e/**/*.e2e-spec.ts']),
      project('security', 'processes', ['test/security/**/*.e2e-spec.ts']),
      project('hazards', 'processes', ['test/e2e/**/*.hazard-spec.ts']),
    ],
  },
});
