import { transform } from '@swc/core';
import { defineConfig } from 'vitest/config';
import { ROOMS } from './scripts/testing/rooms.mjs';

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

/** Suites of one kind in one room. */
const project = (kind, room, include, isolate = false) => ({
  extends: true,
  test: { name: `${kind}:${room}`, include, isolate },
});

/** Each room with the patterns of its suites that end so. */
const roomsOf = (kind, ending, isolate = () => false) =>
  Object.entries(ROOMS).map(([room, folders]) =>
    project(
      kind,
      room,
      folders.map((folder) => `${folder}/**/*.${ending}`),
      isolate(room),
    ),
  );

export default defineConfig({
  plugins: [swc],
  oxc: false,
  resolve: {
    alias: [
      // Commands import compiled libs; tests take their sources.
      { find: /^#built\/(.*)$/, replacement: `${import.meta.dirname}/libs/$1/index.ts` },
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
      ...roomsOf('unit', 'spec.ts'),
      // The engine of analytics is one per process, so each of its suites has a process of its own.
      ...roomsOf('integration', 'int-spec.ts', (room) => room === 'analytics'),
      project('e2e', 'processes', ['test/e2e/**/*.e2e-spec.ts']),
      project('security', 'processes', ['test/security/**/*.e2e-spec.ts']),
      project('hazards', 'processes', ['test/e2e/**/*.hazard-spec.ts']),
    ],
  },
});
