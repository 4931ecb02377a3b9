import { rm } from 'node:fs/promises';
import { step } from '../setup/progress.mjs';
import { analyticsOperatorKey, makeApps } from './apps.mjs';
import { migrateDatabase, seedDatabase } from './database.mjs';
import { localFolder, runFile, writeJson } from './files.mjs';
import { DELIVERING, STARTING_APPS, STARTING_SERVERS } from './plan.mjs';
import { rememberProcesses } from './leftovers.mjs';
import { keepLogsShort } from './logs.mjs';
import { waitForSample } from './sample.mjs';
import { screen } from './screen.mjs';
import { prepareServers } from './servers.mjs';
import { Supervisor } from './supervisor.mjs';

/**
 * The contents of `.paddock/run.json`, which scripts read while Paddock runs.
 * @typedef {object} RunFile
 * @property {string} controlPlane
 * @property {string} edge
 * @property {string} analytics
 * @property {string} odds
 * @property {Record<string, string>} operations the operations address of each app: `/metrics` and the details of
 * `/readyz`
 * @property {string} mysql as the administrator, like `redis`
 * @property {string} redis
 * @property {{ mysql: string, redis: string }} cli the same for the operator command, with fewer rights
 * @property {string} analyticsOperatorKey
 * @property {{ email: string, password: string }} [signIn]
 * @property {string} [clientKey]
 * @property {Record<string, number>} pids
 */

/** @typedef {import('#built/processes').OwnedProcess} OwnedProcess */

/** Servers first, then tables, then apps; stopped in the opposite order. */
export class System {
  /** @type {Record<string, OwnedProcess>} */
  #servers = {};
  /** @type {Record<string, OwnedProcess>} */
  #apps = {};
  /** @type {Omit<RunFile, 'pids'> | undefined} */
  #addresses;
  #noted = Promise.resolve();
  #stopOthers = async () => {};
  #supervisor = new Supervisor(() => this.#noteProcesses());

  /** @param {{ settings: import('./settings.mjs').StartSettings, node: string, makeApp?: import('./apps.mjs').MakeApp | undefined }} parts */
  async start({ settings, node, makeApp }) {
    await keepLogsShort();
    const servers = await prepareServers(settings);
    this.#servers = servers.processes;
    this.#stopOthers = servers.stopOthers;
    await step(STARTING_SERVERS, () => this.#startAll(this.#servers));
    await migrateDatabase(node, servers);

    const apps = await makeApps({ settings, servers, node, makeApp });
    this.#apps = apps;
    // The sample is a release like any other: the apps may be there before it, or after.
    const [{ credentials, seededNow }] = await Promise.all([
      seedDatabase(node, servers),
      step(STARTING_APPS, () => this.#startAll(this.#apps)),
    ]);
    if (seededNow) await step(DELIVERING, () => waitForSample(apps.edge.url));
    this.#addresses = {
      controlPlane: apps.controlPlane.url,
      edge: apps.edge.url,
      analytics: apps.analytics.url,
      odds: apps.odds.url,
      operations: Object.fromEntries(Object.entries(apps).map(([name, { operationsUrl }]) => [name, operationsUrl])),
      mysql: servers.databaseUrl,
      redis: servers.redisUrl,
      cli: { mysql: servers.addresses('cli').database, redis: servers.addresses('cli').redis },
      analyticsOperatorKey: await analyticsOperatorKey(),
      ...credentials,
    };
    await this.#noteProcesses();
    console.log(screen(this.#addresses, localFolder));
  }

  /** Ends a process of an app, which is started again at once; the servers and the other apps stay. */
  async replaceApp(/** @type {OwnedProcess} */ app) {
    await this.#supervisor.replace(app, 2_000);
  }

  /** Within ten seconds: the apps get five to finish what they do, then the servers four. */
  async stop() {
    this.#supervisor.rest();
    await Promise.all(Object.values(this.#apps).map((app) => app.stop(5_000)));
    await Promise.all(Object.values(this.#servers).map((server) => server.stop(4_000)));
    await this.#stopOthers();
    await this.#noted;
    await rm(runFile, { force: true });
  }

  /** Leaves nothing running, at once. */
  async kill() {
    this.#supervisor.rest();
    await Promise.all(Object.values({ ...this.#apps, ...this.#servers }).map((process) => process.kill9()));
  }

  async #startAll(/** @type {Record<string, OwnedProcess>} */ processes) {
    await Promise.all(Object.values(processes).map((process) => process.start()));
    for (const process of Object.values(processes)) this.#supervisor.watch(process);
    await this.#noteProcesses();
  }

  /** One note after the other, each of what is then: an older one never replaces a newer. */
  #noteProcesses() {
    this.#noted = this.#noted.then(async () => {
      const all = Object.entries({ ...this.#apps, ...this.#servers });
      const pids = Object.fromEntries(all.flatMap(([name, { pid }]) => (pid ? [[name, pid]] : [])));
      await rememberProcesses(Object.values(pids));
      if (this.#addresses) await writeJson(runFile, { ...this.#addresses, pids });
    });
    return this.#noted;
  }
}
