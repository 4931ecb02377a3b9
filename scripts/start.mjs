// npm start: brings up all of Paddock on this machine and keeps it up. Runs on any Node from 20 on.
import { localLock, makeLocalFolder, readJson, runFile } from './local/files.mjs';
import { endLeftovers } from './local/leftovers.mjs';
import { planOfStart } from './local/plan.mjs';
import { runsAlready } from './local/screen.mjs';
import { readSettings } from './local/settings.mjs';
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { holderOf, takeLock } from './setup/lock.mjs';
import { findNode } from './setup/node.mjs';
import { explain, planSteps, say } from './setup/progress.mjs';

/** @type {import('./local/system.mjs').System | undefined} */
let system;
let release = async () => {};

async function start() {
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
  const { System } = await import('./local/system.mjs');
  system = new System();
  await system.start({ settings, node });
}

/** Ctrl-C may arrive twice, from the terminal and from npm; whoever presses it again later does not want to wait. */
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

/** npm, told to end, ends the shell between us without a word; whoever started us by npm wants us gone too. */
function stopWithNpm() {
  if (!process.env['npm_lifecycle_event']) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stopOnDemand(), 500).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopOnDemand());
stopWithNpm();

try {
  await start();
} catch (error) {
  // Whoever stops it while it starts makes the start fail.
  if (stoppingSince === undefined) {
    explain(error);
    await stop(1);
  }
}
