import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type AppName, AppProcess, type Environment, freePort } from '@paddock/processes';
import { temporaryDirectory } from './temporary-directory.js';

const run = promisify(execFile);

/** The compiled tree that `npm test` made. */
const DIST = resolve('dist');
/** A whole installation may be starting on two cores, beside another one. */
const READY_TIMEOUT_MS = 90_000;

/** An app that runs from the compiled tree, on a port that it keeps over restarts. */
export interface TestApp {
  readonly app: AppProcess;
  /** Everything that it has written so far. */
  output(): Promise<string>;
  /** Ends it, if it still runs, and forgets its log. */
  dispose(): Promise<void>;
}

/**
 * Starts an app with these settings and nothing of the caller's environment, and waits until it is ready. Start it again
 * after a kill with `app.start()`; arm a crash point with `app.start({ env: { PADDOCK_CRASH: … } })`.
 */
export async function startApp(name: AppName, env: Environment, { ready = true, dist = DIST } = {}): Promise<TestApp> {
  const directory = await temporaryDirectory();
  const log = join(directory.path, `${name}.log`);
  const app = new AppProcess({
    app: name,
    port: await freePort(),
    operationsPort: await freePort(),
    dist,
    env: { NODE_ENV: 'test', ...env },
    log,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  if (ready) await app.start();
  return {
    app,
    output: () => readFile(log, 'utf8'),
    async dispose() {
      await app.stop();
      await directory.remove();
    },
  };
}

/**
 * Runs the operator command, `npm run paddock -- <args>`, and returns what it wrote.
 * @throws Error with its error output when it fails
 */
export async function paddock(args: readonly string[], env: Environment): Promise<string> {
  const { stdout } = await run(process.execPath, [join(DIST, 'apps/cli/src/main.js'), ...args], {
    env: { NODE_ENV: 'test', ...env },
  });
  return stdout;
}
