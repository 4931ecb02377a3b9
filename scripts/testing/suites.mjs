import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';

/** @typedef {{ passed: number, failed: number }} Counts */
/** @typedef {Counts & { path: string, failures: string[] }} FailedSuite Its failures are the names of tests; a suite that could not be loaded or prepared has none. */
/** @typedef {{ path: string, seconds: number }} Timing */
/** @typedef {Counts & { failedSuites: FailedSuite[], notRun: string[], timings: Timing[] }} Result `notRun` names blocks of tests whose data is absent; they count as nothing. */

/**
 * Runs Vitest on some tests and counts. A suite that could not be loaded or prepared counts as a failure, and so does a
 * run that ends without a result, or with an error outside every test.
 * @param {{ node: string, env: Record<string, string>, args: string[] }} run
 * @returns {Promise<Result>}
 */
export async function runSuites({ node, env, args }) {
  const resultFile = join(tmpdir(), `paddock-tests-${randomUUID()}.json`);
  const vitest = inProject('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const code = await exitCode(node, [vitest, 'run', ...reporters, ...args], env);
  try {
    const result = resultIn(JSON.parse(await readFile(resultFile, 'utf8')));
    for (const name of result.notRun) say(name);
    return code === 0 || result.failed > 0 ? result : { ...result, failed: 1 };
  } catch {
    return { passed: 0, failed: 1, failedSuites: [], notRun: [], timings: [] };
  } finally {
    await rm(resultFile, { force: true });
  }
}

/**
 * The output of Vitest's JSON reporter; times are epoch milliseconds.
 * @typedef {{ name: string, status: string, startTime: number, endTime: number, assertionResults: { fullName: string, status: string }[] }} Suite
 */

/** The name that `describeWithData` gives the test of a block without data. */
const DID_NOT_RUN = ' did not run: ';

/** @returns {Result} */
export function resultIn(/** @type {{ testResults: Suite[] }} */ { testResults }) {
  const failedSuites = testResults
    .filter(({ status }) => status === 'failed')
    .map((suite) => {
      const failures = namesOf(suite, 'failed');
      return {
        path: suite.name,
        passed: namesOf(suite, 'passed').length,
        failed: Math.max(1, failures.length),
        failures,
      };
    });
  const passed = testResults.flatMap((suite) => namesOf(suite, 'passed'));
  const notRun = passed.filter((name) => name.includes(DID_NOT_RUN));
  return {
    passed: passed.length - notRun.length,
    failed: failedSuites.reduce((total, { failed }) => total + failed, 0),
    failedSuites,
    notRun,
    timings: testResults.map(({ name, startTime, endTime }) => ({ path: name, seconds: (endTime - startTime) / 1000 })),
  };
}

const namesOf = (/** @type {Suite} */ { assertionResults }, /** @type {string} */ wanted) =>
  assertionResults.filter(({ status }) => status === wanted).map(({ fullName }) => fullName);

/** The suites that took longest, slowest first, as lines. */
export function slowest(/** @type {readonly Timing[]} */ timings, count = 20) {
  return timings
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ path, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${path}`);
}

/** @returns {Counts} */
export const sum = (/** @type {Counts[]} */ all) => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
});

/** @returns {Promise<number>} */
function exitCode(
  /** @type {string} */ command,
  /** @type {string[]} */ args,
  /** @type {Record<string, string>} */ env,
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: inProject(),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const killChild = () => child.kill();
    process.once('exit', killChild);
    child.on('error', reject);
    child.on('exit', (code) => {
      process.off('exit', killChild);
      resolve(code ?? 1);
    });
  });
}
