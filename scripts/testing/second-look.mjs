import { say } from '../setup/progress.mjs';
import { runSuites } from './suites.mjs';

/** @typedef {import('./suites.mjs').Counts} Counts */
/** @typedef {import('./suites.mjs').Result} Result */
/** @typedef {import('./suites.mjs').Timing} Timing */
/** @typedef {import('./runs.mjs').Run} Run */

/** So many suites at most are looked at again: more of them are no bad luck. */
const MOST_SUITES = 3;

/**
 * Runs tests, and runs the few failed suites once more, alone: beside other suites on two cores, a deadline may pass
 * for reasons unrelated to the test. A suite that fails again has failed. A suite that passes is listed, with its first
 * failure above, because it may hide a race. `npm run test:hazards`, which searches for races, runs each suite once.
 * @returns {Promise<Counts & { timings: Timing[] }>}
 */
export async function withSecondLook(/** @type {Run} */ run) {
  const first = await runSuites(run);
  const paths = first.failedSuites.map(({ path }) => path);
  if (paths.length === 0 || paths.length > MOST_SUITES) return first;
  say(`once more, alone: ${paths.join(', ')}`);
  const second = await runSuites({ ...run, args: ['--maxWorkers=1', ...paths] });
  for (const name of unsteady(first, second)) say(`passed only when it ran alone: ${name}`);
  return { ...counted(first, second), timings: first.timings };
}

/** The counts of a run in which the suites that failed are replaced by their second look. */
export function counted(/** @type {Result} */ first, /** @type {Counts} */ second) {
  const again = (/** @type {'passed' | 'failed'} */ what) =>
    first.failedSuites.reduce((total, suite) => total + suite[what], 0);
  return {
    passed: first.passed - again('passed') + second.passed,
    failed: first.failed - again('failed') + second.failed,
  };
}

/** Tests, or suites that could not be loaded, that failed at first and passed then. */
export function unsteady(/** @type {Result} */ first, /** @type {Result} */ second) {
  return first.failedSuites.flatMap(({ path, failures }) => {
    const again = second.failedSuites.find((suite) => suite.path === path);
    if (failures.length === 0) return again ? [] : [path];
    return failures.filter((name) => !again || (again.failures.length > 0 && !again.failures.includes(name)));
  });
}
