import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { localFolder } from '../local/files.mjs';
import { compileSources } from '../setup/compile.mjs';
import { inProject } from '../setup/project.mjs';

/**
 * One tree per data folder, so that two `npm run dev` with separate data do not conflict. It is in the project, where
 * Node finds the packages.
 */
const run = `dist.dev-${createHash('sha256').update(localFolder).digest('hex').slice(0, 8)}`;
const compiled = `${run}.src`;

/** The bundles that the processes run. */
export const runTree = inProject(run);
/** The compiled source files that the bundles are built from. */
export const compiledTree = inProject(compiled);

/** Parts of `dist` that are made of the others. */
const BUNDLED = /(\/chunks|\.bundle\.js(\.map)?|\/\.compile-cache|\/bench|\/node_modules)$/;

/**
 * Builds the tree of compiled files from an up-to-date `dist`, with the entry points that bundles replace in `dist`.
 */
export async function makeCompiledTree(/** @type {readonly string[]} */ entries) {
  await Promise.all([runTree, compiledTree].map((tree) => rm(tree, { recursive: true, force: true })));
  await cp(inProject('dist'), compiledTree, { recursive: true, filter: (path) => !BUNDLED.test(path) });
  await compileSources(
    entries.map((entry) => entry.replace(/\.js$/, '.ts')),
    compiled,
  );
}

/**
 * Compiles source files, and removes what was compiled from those that are gone.
 * @param {readonly string[]} files paths inside the project
 * @returns {Promise<{ changed: string[], problems: string[] }>} the files whose compiled code is another than before, and
 * what is wrong with those that do not compile, with file and line
 */
export async function compileEdits(files) {
  const edits = await Promise.all(files.map(compileEdit));
  return {
    changed: edits.flatMap(({ file, problem, changed }) => (changed && !problem ? [file] : [])),
    problems: edits.flatMap(({ problem }) => (problem ? [problem] : [])),
  };
}

/** @returns {Promise<{ file: string, changed: boolean, problem?: string }>} */
async function compileEdit(/** @type {string} */ file) {
  const target = join(compiledTree, file.replace(/\.ts$/, '.js'));
  const code = () => readFile(target, 'utf8').catch(() => undefined);
  const before = await code();
  try {
    if (await stat(inProject(file)).catch(() => undefined)) await compileSources([file], compiled);
    else await rm(target, { force: true });
    return { file, changed: (await code()) !== before };
  } catch (error) {
    return {
      file,
      changed: false,
      problem: syntaxProblem(file, error instanceof Error ? error.message : String(error)),
    };
  }
}

/**
 * The compiler draws the place and adds its own stack; an editor that reads the terminal wants `file:line` in front. The
 * column that the compiler names is always the first.
 */
export function syntaxProblem(/** @type {string} */ file, /** @type {string} */ message) {
  const [text = ''] = message.replaceAll(/\u001B\[[\d;]*m/g, '').split('\n\nCaused by:');
  const line = /\[[^\]]*?:(\d+):\d+\]/.exec(text)?.[1];
  return `${line === undefined ? file : `${file}:${line}`}\n${text.trimEnd()}`;
}

/** Resolves imports of libs to the compiled tree. */
export async function libsOfTree() {
  const libs = await readdir(inProject('libs'));
  return Object.fromEntries(libs.map((lib) => [`@paddock/${lib}`, join(compiledTree, 'libs', lib, 'index.js')]));
}

/** Puts a file into the tree that processes run. */
export async function writeRun(/** @type {string} */ path, /** @type {string} */ text) {
  await mkdir(dirname(join(runTree, path)), { recursive: true });
  await writeFile(join(runTree, path), text);
}
