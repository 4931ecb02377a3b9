import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs a command to its end and returns what it wrote to standard output. It is killed when this process exits.
 * @param {string} command
 * @param {readonly string[]} args
 * @typedef {Record<string, string | undefined>} Variables
 * @param {{ env?: Variables, wholeEnv?: Variables, cwd?: string, onLine?: (line: string) => void }} [options] `env` is added to the present ones, `wholeEnv` replaces them; `onLine` gets every line that it writes to standard error
 * @throws {Error} with everything it wrote when it fails
 */
export function run(command, args, { env = {}, wholeEnv = { ...process.env, ...env }, cwd, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: wholeEnv, stdio: ['ignore', 'pipe', 'pipe'] });
    const killChild = () => child.kill();
    process.once('exit', killChild);
    let output = '';
    let all = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      all += chunk;
    });
    child.stderr.on('data', (chunk) => (all += chunk));
    if (onLine) createInterface({ input: child.stderr }).on('line', onLine);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', killChild);
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${lastLines(all)}`));
    });
  });
}

/** Does the command end well? */
export async function works(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  try {
    await run(command, args);
    return true;
  } catch {
    return false;
  }
}

const lastLines = (/** @type {string} */ text) => text.trimEnd().split('\n').slice(-30).join('\n');
