import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';

/** @typedef {{ passed: number, failed: number }} Counts */
/** @typedef {Counts & { path: string, failures: string[] }} FailedSuite Its failures are the names of tests; a suite that could not be loaded has none. */
/** @typedef {Counts & { failedSuites: FailedSuite[], notRun: string[] }} Result `notRun` names blocks of tests whose data is absent; they count as nothing. */

/**
 * Runs Jest on some tests and counts. A suite that could not be loaded counts as a failure, and so does a run that ends
 * without a result.
 * @param {{ node: string, env: Record<string, string>, args: string[] }} run
 * @returns {Promise<Result>}
 */
export async function jest({ node, env, args }) {
  const resultFile = join(tmpdir(), `paddock-jest-${randomUUID()}.json`);
  const jestFile = inProject('node_modules', 'jest', 'bin', 'jest.js');
  const result = ['--json', `--outputFile=${resultFile}`, '--passWithNoTests'];
  const code = await exitCode(
    node,
    ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', jestFile, ...result, ...args],
    env,
  );
  try {
    const result = resultIn(JSON.parse(await readFile(resultFile, 'utf8')));
    for (const name of result.notRun) say(name);
    return code === 0 || result.failed > 0 ? result : { ...result, failed: 1 };
  } catch {
    return { passed: 0, failed: 1, failedSuites: [], notRun: [] };
  } finally {
    await rm(resultFile, { force: true });
  }
}

/**
 * What Jest writes with `--json`.
 * @typedef {{ name: string, status: string, assertionResults: { fullName: string, status: string }[] }} JestSuite
 * @typedef {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, testResults: JestSuite[] }} JestResult
 */

/** As `describeWithData` names the test that stands for a block without data. */
const DID_NOT_RUN = ' did not run: ';

/** @returns {Result} */
export function resultIn(
  /** @type {JestResult} */ { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults },
) {
  const failedSuites = testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name, assertionResults }) => {
      const failures = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
      const passed = assertionResults.filter(({ status }) => status === 'passed').length;
      return { path: name, passed, failed: Math.max(1, failures.length), failures };
    });
  const passedTests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'passed'),
  );
  const notRun = passedTests.map(({ fullName }) => fullName).filter((name) => name.includes(DID_NOT_RUN));
  return {
    passed: numPassedTests - notRun.length,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    failedSuites,
    notRun,
  };
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
