import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AppProcess, entryOf } from '#built/processes';
import { say, step } from '../setup/progress.mjs';
import { AppBundle } from './app-bundle.mjs';
import { watchEdits } from './edits.mjs';
import { appsNamed, spoken } from './names.mjs';
import { StandbyApp } from './standby-app.mjs';
import { compileEdits, makeCompiledTree, runTree } from './tree.mjs';

/** Folders whose files processes contain. */
const FOLDERS = ['apps', 'libs', 'migrations'];
const liveWithinMs = 30_000;
const firstInspectPort = 9_230;

/** Restarts the processes that contain an edited file. */
export class Reloader {
  /** @type {Map<import('./names.mjs').StartedApp, StandbyApp>} */
  #apps = new Map();
  /** Compiled, and not yet in a bundle that could be made. @type {Set<string>} */
  #waiting = new Set();

  /**
   * @param {ReadonlyMap<import('./names.mjs').StartedApp, AppBundle>} bundles of the apps that are watched
   * @param {boolean} inspect
   */
  constructor(bundles, inspect) {
    this.bundles = bundles;
    this.inspect = inspect;
  }

  /** @param {{ names: readonly string[], inspect: boolean }} options */
  static async prepare({ names, inspect }) {
    const watched = appsNamed(names);
    return step('bundling the apps for development', async () => {
      await makeCompiledTree(watched.map(entryOf));
      const bundles = await Promise.all(watched.map((app) => AppBundle.of(app)));
      const problems = (await Promise.all(bundles.map((bundle) => bundle.make()))).flat();
      if (problems.length > 0) throw new Error(problems.join('\n'));
      return new Reloader(new Map(bundles.map((bundle) => [bundle.app, bundle])), inspect);
    });
  }

  /** The process of an app: one that can be replaced quickly where it is watched. */
  makeApp(/** @type {import('#built/processes').AppOptions} */ options) {
    const watched = [...this.bundles.keys()].find((name) => name === options.app);
    if (!watched) return new AppProcess(options);
    const port = this.inspect ? firstInspectPort + this.#apps.size : undefined;
    if (port !== undefined) say(`${spoken(watched)}: a debugger may attach to 127.0.0.1:${port}`);
    const app = new StandbyApp({ ...options, dist: runTree }, port);
    this.#apps.set(watched, app);
    return app;
  }

  /** Watches the sources from now on. */
  async run(/** @type {import('../local/system.mjs').System} */ system) {
    this.#standBy();
    watchEdits(FOLDERS, (files, since) => this.#reload(system, files, since));
    say(`watching ${FOLDERS.join(', ')} for ${[...this.bundles.keys()].map(spoken).join(', ')}`);
  }

  /** @param {import('../local/system.mjs').System} system @param {readonly string[]} files @param {number} since */
  async #reload(system, files, since) {
    const { changed, problems: syntax } = await compileEdits(files);
    for (const file of changed) this.#waiting.add(file);
    if (syntax.length > 0) return complain(syntax);
    const concerned = [...this.bundles.values()].filter((bundle) => bundle.concerns([...this.#waiting]));
    if (concerned.length === 0) return say(`${files.join(', ')}: no watched process runs other code than before`);
    const problems = (await Promise.all(concerned.map((bundle) => bundle.make()))).flat();
    if (problems.length > 0) return complain([...new Set(problems)]);
    this.#waiting.clear();
    await Promise.all(concerned.map(({ app }) => this.#replace(system, app, since)));
    this.#standBy();
  }

  /** @param {import('../local/system.mjs').System} system @param {import('./names.mjs').StartedApp} name @param {number} since */
  async #replace(system, name, since) {
    const app = this.#apps.get(name);
    if (!app) return;
    const before = app.pid;
    await system.replaceApp(app);
    if (await becomesLive(app, before))
      say(`${spoken(name)}: live ${((performance.now() - since) / 1_000).toFixed(1)} s after the edit`);
    else say(`${spoken(name)} does not start:\n${await endOf(app.log)}`);
  }

  /** One after the other, so that a standby process takes no more than one core from what the person does meanwhile. */
  #standBy() {
    for (const app of this.#apps.values()) app.standBy();
  }
}

function complain(/** @type {readonly string[]} */ problems) {
  say(`not restarted:\n${problems.join('\n')}`);
}

/** Does the process that follows another answer? Not when it ended, or takes too long. */
async function becomesLive(/** @type {AppProcess} */ app, /** @type {number | undefined} */ before) {
  const deadline = performance.now() + liveWithinMs;
  /** @type {number | undefined} */
  let pid;
  while (performance.now() < deadline) {
    if (pid !== undefined && app.pid !== pid) return false;
    if (app.pid !== before) pid = app.pid;
    if (pid !== undefined && (await answers(`${app.url}/healthz`))) return true;
    await delay(20);
  }
  return false;
}

const answers = (/** @type {string} */ url) =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );

const endOf = async (/** @type {string} */ log) =>
  (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
