import { localLock, makeLocalFolder, readJson, runFile } from './files.mjs';
import { endLeftovers } from './leftovers.mjs';
import { planOfStart } from './plan.mjs';
import { runsAlready } from './screen.mjs';
import { readSettings } from './settings.mjs';
import { build } from '../setup/build.mjs';
import { installDependencies } from '../setup/install.mjs';
import { holderOf, takeLock } from '../setup/lock.mjs';
import { findNode } from '../setup/node.mjs';
import { explain, planSteps, say } from '../setup/progress.mjs';

/** @type {import('./system.mjs').System | undefined} */
let system;
let release = async () => {};

/** @typedef {(parts: { node: string }) => Promise<import('./apps.mjs').MakeApp>} PrepareApps */

async function start(/** @type {PrepareApps | undefined} */ prepareApps) {
  const settings = readSettings(process.env);
  await makeLocalFolder();
  const lock = await takeLock(localLock);
  if (!lock) {
    console.log(runsAlready(await readJson(runFile), (await holderOf(localLock))?.pid ?? 0));
    process.exit(0);
  }
  release = lock;
  await endLeftovers();
  planSteps(await planOfStart(settings));
  await installDependencies();
  const node = await findNode();
  await build();
  // Compiled a moment ago, so it cannot be imported any earlier.
  const { System } = await import('./system.mjs');
  system = new System();
  const makeApp = await prepareApps?.({ node });
  await system.start({ settings, node, makeApp });
  return system;
}

/** Ctrl-C may arrive twice, from the terminal and from npm. A later second one means: do not wait. */
const sameSignalMs = 1_000;

/** @type {number | undefined} */
let stoppingSince;

/** Stops what runs by now, servers last, and leaves. */
async function stop(/** @type {number} */ exitCode) {
  stoppingSince = performance.now();
  await system?.stop();
  await release();
  process.exit(exitCode);
}

async function stopOnDemand() {
  if (stoppingSince === undefined) {
    say('stopping …; the data stay');
    await stop(0);
  } else if (performance.now() - stoppingSince > sameSignalMs) {
    await system?.kill();
    process.exit(1);
  }
}

/** When npm is stopped, it ends the shell between us without a signal to us; then this process must exit too. */
function stopWithNpm() {
  if (!process.env['npm_lifecycle_event']) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stopOnDemand(), 500).unref();
}

/**
 * Brings up all of Paddock on this machine and keeps it up until it is stopped by a signal. Ends this process when that
 * fails, or when Paddock runs already.
 * @param {{ prepareApps?: PrepareApps }} [options] says how processes of apps are made, after the sources are compiled
 */
export async function runSession({ prepareApps } = {}) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopOnDemand());
  stopWithNpm();
  try {
    return await start(prepareApps);
  } catch (error) {
    // A stop during the start makes the start fail.
    if (stoppingSince === undefined) {
      explain(error);
      await stop(1);
    }
    return undefined;
  }
}
