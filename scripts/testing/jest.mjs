import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from '../setup/project.mjs';

/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * Runs Jest on some tests and counts. A suite that could not be loaded counts as a failure, and so does a run that ends
 * without a result.
 * @param {{ node: string, env: Record<string, string>, args: string[] }} run
 * @returns {Promise<Counts>}
 */
export async function jest({ node, env, args }) {
  const resultFile = join(tmpdir(), `paddock-jest-${randomUUID()}.json`);
  const jestFile = inProject('node_modules', 'jest', 'bin', 'jest.js');
  const result = ['--json', `--outputFile=${resultFile}`, '--passWithNoTests'];
  const code = await exitCode(node, ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', jestFile, ...result, ...args], env);
  try {
    const counts = countsIn(JSON.parse(await readFile(resultFile, 'utf8')));
    return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    await rm(resultFile, { force: true });
  }
}

/** @returns {Counts} */
export function countsIn(/** @type {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} */ result) {
  return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites };
}

/** @returns {Counts} */
export const sum = (/** @type {Counts[]} */ all) => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
});

/** @returns {Promise<number>} */
function exitCode(/** @type {string} */ command, /** @type {string[]} */ args, /** @type {Record<string, string>} */ env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: inProject(), env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
    const killChild = () => child.kill();
    process.once('exit', killChild);
    child.on('error', reject);
    child.on('exit', (code) => {
      process.off('exit', killChild);
      resolve(code ?? 1);
    });
  });
}
