import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { context } from 'esbuild';
import { entryOf } from '#built/processes';
import { inProject } from '../setup/project.mjs';
import { launcher } from './launcher.mjs';
import { compiledTree, libsOfTree, runTree, writeRun } from './tree.mjs';

/** @typedef {import('#built/processes').StartedApp} StartedApp */

/**
 * The bundle of an app's own files. Packages stay where they are: with them the bundle has six times as many files, and
 * making it again takes longer than a process takes to find them.
 */
export class AppBundle {
  /** Source files in it. @type {ReadonlySet<string>} */
  #files = new Set();
  #failed = false;

  /**
   * @param {StartedApp} app
   * @param {import('esbuild').BuildContext<{ metafile: true }>} builder
   */
  constructor(app, builder) {
    this.app = app;
    this.builder = builder;
  }

  static async of(/** @type {StartedApp} */ app) {
    const entry = entryOf(app);
    const builder = await context({
      entryPoints: [join(compiledTree, entry)],
      outfile: join(runTree, bundleOf(entry)),
      bundle: true,
      packages: 'external',
      alias: await libsOfTree(),
      format: 'esm',
      platform: 'node',
      target: 'node24',
      keepNames: true,
      sourcemap: 'linked',
      sourcesContent: false,
      logLevel: 'silent',
      absWorkingDir: inProject(),
      metafile: true,
    });
    return new AppBundle(app, builder);
  }

  /** Is one of the files in it? After a failure any file may be the one that was missing. */
  concerns(/** @type {readonly string[]} */ files) {
    return this.#failed || files.some((file) => this.#files.has(file));
  }

  /**
   * Makes it.
   * @returns {Promise<string[]>} what is wrong
   */
  async make() {
    try {
      const { metafile } = await this.builder.rebuild();
      this.#failed = false;
      this.#files = new Set(Object.keys(metafile.inputs).map(sourceOf));
      const entry = entryOf(this.app);
      await writeRun(entry, launcher(packagesOf(metafile), bundleOf(entry)));
      return [];
    } catch (error) {
      this.#failed = true;
      const { errors = [] } = /** @type {Partial<import('esbuild').BuildFailure>} */ (error);
      if (errors.length === 0) throw error;
      return errors.map(problemOf);
    }
  }
}

const bundleOf = (/** @type {string} */ entry) => entry.replace(/\.js$/, '.bundle.js');

/** The source of a compiled file, both as paths inside the project. */
const sourceOf = (/** @type {string} */ input) => relative(compiledTree, inProject(input)).replace(/\.js$/, '.ts');

/** Line numbers are those of the compiled file, so only the message is shown. */
const problemOf = (/** @type {import('esbuild').Message} */ { text, location }) =>
  location ? `${sourceOf(location.file)}: ${text}` : text;

/** Packages that the bundle imports when it is loaded. */
function packagesOf(/** @type {import('esbuild').Metafile} */ { outputs }) {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const static_ = imports.filter(
    ({ external, kind, path }) => external && kind === 'import-statement' && !isBuiltin(path),
  );
  return [...new Set(static_.map(({ path }) => path))].sort();
}
