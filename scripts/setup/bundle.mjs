import { readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build, stop } from 'esbuild';
import { run } from './command.mjs';
import { inProject } from './project.mjs';

/**
 * The programs that run as processes and start often, by app: the entry file in nest-cli.json and the app's other
 * programs.
 * @type {Promise<Record<string, string[]>>}
 */
const entriesOfApps = readFile(inProject('nest-cli.json'), 'utf8').then((text) =>
  Object.fromEntries(
    Object.entries(/** @type {NestCli} */ (JSON.parse(text)).projects).map(([app, { sourceRoot, entryFile }]) => [
      app,
      [entryFile, ...(FURTHER[app] ?? [])].map((name) => `${sourceRoot}/${name}.js`),
    ]),
  ),
);

/** @typedef {{ projects: Record<string, { sourceRoot: string, entryFile: string }> }} NestCli */

/** @type {Record<string, string[]>} */
const FURTHER = { 'control-plane': ['worker'], odds: ['migrate'] };

/** Stay where they are. */
const external = [
  // They load native code from their own folder.
  'chdb',
  '@node-rs/argon2',
  // Loaded only where it is wanted.
  '@opentelemetry/*',
  // Nest asks for them by import(), which does not see the names that a bundled CommonJS module exports.
  'class-validator',
  'class-transformer',
];

/** CommonJS inside a bundle asks for these by name. */
const commonJs = `
import { createRequire as paddockRequire } from 'node:module';
const require = paddockRequire(import.meta.url);
const { dirname: __dirname, filename: __filename } = import.meta;
`;

/**
 * Puts each entry point of a compiled tree, and the modules that it imports, into a few files, in the entry point's own
 * place: to find and read 2,000 modules takes a start longer than all else that it does.
 */
export async function bundle(/** @type {string} */ tree) {
  const apps = await entriesOfApps;
  const entries = Object.values(apps).flat();
  const metafile = await bundleEntries(tree, entries);
  for (const file of Object.keys(metafile.outputs)) if (file.endsWith('.map')) await keepOwnSources(inProject(file));
  /** @type {RuntimeParts} */
  const parts = Object.fromEntries(Object.entries(apps).map(([app, own]) => [app, partsOf(metafile, tree, own)]));
  await writeFile(inProject(tree, RUNTIME_PARTS), JSON.stringify(parts));
  await Promise.all(entries.map((entry) => writeFile(inProject(tree, entry), firstLines(entry))));
}

/** The module that {@link firstLines} imports. */
const FIRST = 'libs/runtime/node-version.js';

/** The path of an entry point's bundle; the entry point itself is {@link firstLines}. */
const bundleOf = (/** @type {string} */ entry) => entry.replace(/\.js$/, '.bundle');

/**
 * The code that an entry point runs before it loads the product, in syntax that every Node since 14 supports. A Node
 * that is too old would otherwise fail on a missing function or unknown syntax.
 */
export function firstLines(/** @type {string} */ entry) {
  const up = '../'.repeat(dirname(entry).split('/').length);
  return [
    `import { assertNodeVersion } from '${up}${FIRST}';`,
    'assertNodeVersion();',
    `await import('./${basename(bundleOf(entry))}.js');`,
    '',
  ].join('\n');
}

/** esbuild is a process that stays, with all that it has read, until it is stopped. */
async function bundleEntries(/** @type {string} */ tree, /** @type {string[]} */ entries) {
  try {
    return (await build(await options(tree, entries))).metafile;
  } finally {
    await stop();
  }
}

/** @returns {Promise<import('esbuild').BuildOptions & { metafile: true }>} */
async function options(/** @type {string} */ tree, /** @type {string[]} */ entries) {
  const { version } = JSON.parse(await readFile(inProject('package.json'), 'utf8'));
  return {
    entryPoints: entries.map((entry) => ({ in: join(tree, entry), out: bundleOf(entry) })),
    outdir: tree,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Nest and TypeORM go by the names of classes.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: commonJs },
    external,
    // Read by libs/runtime/build.ts.
    define: { 'globalThis.PADDOCK_BUILD': JSON.stringify({ version, revision: await revision() }) },
    plugins: [absentIsExternal],
    absWorkingDir: inProject(),
    metafile: true,
  };
}

/** Names in a compiled tree, app by app, what its processes load: the rest is in their bundles. */
export const RUNTIME_PARTS = 'runtime-parts.json';

/**
 * The files and packages that an app's processes load.
 * @typedef {{ files: string[], packages: string[] }} Parts paths of bundles within the tree, and names of packages in
 * node_modules, those among them that libraries try and that are not installed
 * @typedef {Record<string, Parts>} RuntimeParts by app
 */

/** @returns {Parts} */
function partsOf(
  /** @type {import('esbuild').Metafile} */ { outputs },
  /** @type {string} */ tree,
  /** @type {string[]} */ entries,
) {
  /** @type {Set<string>} */
  const files = new Set();
  /** @type {Set<string>} */
  const packages = new Set();
  const waiting = entries.map((entry) => `${tree}/${bundleOf(entry)}.js`);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const { path, external } of outputs[file]?.imports ?? [])
      if (!external) waiting.push(path);
      else if (!isBuiltin(path)) packages.add(packageOf(path));
  }
  const own = [...packages].filter((name) => name.startsWith('@paddock/'));
  // They would be searched for in a tree that the image does not have, or be of another build.
  if (own.length > 0) throw new Error(`the bundles lack ${own.join(', ')}`);
  const bundled = [...files].map((file) => file.slice(tree.length + 1));
  return { files: [...bundled, ...entries, FIRST].sort(), packages: [...packages].sort() };
}

/** The package of a module: `@scope/name/file` is in `@scope/name`. */
const packageOf = (/** @type {string} */ path) =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');

/** The commit of the sources; PADDOCK_REVISION gives it where there is no repository, as in the build of an image. */
async function revision() {
  const given = process.env['PADDOCK_REVISION'];
  if (given) return given;
  return run('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], { cwd: inProject() }).then(
    (text) => text.trim(),
    () => 'unknown',
  );
}

/**
 * Libraries try to load optional packages that are not installed (other databases, other transports) and continue
 * without them. The attempt must fail at run time, not here.
 * @type {import('esbuild').Plugin}
 */
const absentIsExternal = {
  name: 'absent is external',
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, importer, resolveDir, kind, namespace }) => {
      if (pluginData === absentIsExternal) return undefined;
      const found = await context.resolve(path, {
        importer,
        resolveDir,
        kind,
        namespace,
        pluginData: absentIsExternal,
      });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/**
 * Source maps lead from stacks to this project's sources alone: Node reads them at every start, and with those of all
 * libraries that costs 0.2 s and 50 MB.
 */
async function keepOwnSources(/** @type {string} */ mapFile) {
  const { sources, mappings, ...rest } = /** @type {{ sources: string[], mappings: string }} */ (
    JSON.parse(await readFile(mapFile, 'utf8'))
  );
  const kept = sources.filter(isOwn);
  const numbers = new Map(kept.map((source, number) => [sources.indexOf(source), number]));
  const lines = decode(mappings).map((segments) =>
    segments.map((segment) => renumbered(segment, numbers)).filter(isNews),
  );
  await writeFile(mapFile, JSON.stringify({ ...rest, names: [], sources: kept, mappings: encode(lines) }));
}

const isOwn = (/** @type {string} */ source) => !source.includes('node_modules/');

/** @typedef {import('@jridgewell/sourcemap-codec').SourceMapSegment} Segment */

/** @returns {Segment} one without a source where the source is not kept */
function renumbered(
  /** @type {Segment} */ [column, source = -1, line = 0, sourceColumn = 0],
  /** @type {Map<number, number>} */ numbers,
) {
  const number = numbers.get(source);
  return number === undefined ? [column] : [column, number, line, sourceColumn];
}

/** Of several segments without a source one is enough. */
const isNews = (/** @type {Segment} */ segment, /** @type {number} */ index, /** @type {Segment[]} */ all) =>
  segment.length > 1 || index === 0 || (all[index - 1]?.length ?? 0) > 1;
