import { AppProcess } from '#built/processes';
import { INSPECT, STANDBY } from './launcher.mjs';

/** An app with a standby process, which has loaded the packages (most of a start) and waits to load the app. */
export class StandbyApp extends AppProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #standby;

  /** @param {import('#built/processes').AppOptions} options @param {number} [inspectPort] */
  constructor(options, inspectPort) {
    super(options);
    /** The process may be paused at a breakpoint. */
    this.inspected = inspectPort !== undefined;
    /** @type {Record<string, string>} */
    this.debugging = inspectPort === undefined ? {} : { [INSPECT]: String(inspectPort) };
  }

  /** Starts the standby process if there is none. It exits with this process, at the end of its input. */
  standBy() {
    if (isAlive(this.#standby)) return;
    this.#standby = super.spawn({ ...this.debugging, [STANDBY]: '1' }, 'pipe');
    // It may end before the line is written; the next one is made in the ordinary way.
    this.#standby.stdin?.on('error', () => undefined);
    this.#standby.on('error', () => undefined);
  }

  /** @override @protected @param {import('#built/processes').Environment} env @returns {import('node:child_process').ChildProcess} */
  spawn(env) {
    const standby = this.#standby;
    this.#standby = undefined;
    if (!standby || !isAlive(standby)) return super.spawn({ ...env, ...this.debugging });
    standby.stdin?.end('start\n');
    return standby;
  }
}

const isAlive = (/** @type {import('node:child_process').ChildProcess | undefined} */ child) =>
  child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
