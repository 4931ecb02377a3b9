import { rm } from 'node:fs/promises';
import { step } from '../setup/progress.mjs';
import { inLocal, readJson, runFile, writeJson } from './files.mjs';
import { end, identify, isRunning } from '../setup/process-identity.mjs';

const processesFile = inLocal('processes.json');
const stopWithinMs = 10_000;

/** Notes which processes run, so that the next start finds those that a killed one left behind. */
export async function rememberProcesses(/** @type {number[]} */ pids) {
  await writeJson(
    processesFile,
    pids.map(identify).filter((identity) => identity !== undefined),
  );
}

/** Ends what an earlier start left behind. */
export async function endLeftovers() {
  /** @type {import('../setup/process-identity.mjs').ProcessIdentity[]} */
  const remembered = (await readJson(processesFile)) ?? [];
  const running = remembered.filter(isRunning);
  if (running.length > 0) {
    await step('stopping what an earlier start left behind', () =>
      Promise.all(running.map((identity) => end(identity, stopWithinMs))),
    );
  }
  await rm(processesFile, { force: true });
  await rm(runFile, { force: true });
}
