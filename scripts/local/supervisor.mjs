import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../setup/progress.mjs';
import { Liveness, livenessDefaults } from './liveness.mjs';

const longestPauseMs = 5_000;
/** Who lived this long does not die of its start. */
const provenAfterMs = 10_000;

/** @typedef {import('#built/processes').OwnedProcess} OwnedProcess */

/** Restarts processes that end or hang, until {@link Supervisor.rest}. */
export class Supervisor {
  #stopping = new AbortController();
  /** Processes whose end is wanted. @type {Set<OwnedProcess>} */
  #replaced = new Set();
  /** Ends the pause before a process is started again. @type {Map<OwnedProcess, () => void>} */
  #pauses = new Map();

  /**
   * @param {() => Promise<void>} onChange called when a process has another pid than before
   * @param {import('./liveness.mjs').LivenessSettings} liveness
   */
  constructor(onChange, liveness = livenessDefaults) {
    this.onChange = onChange;
    this.liveness = liveness;
  }

  /** Watches a process that runs. */
  watch(/** @type {import('#built/processes').OwnedProcess} */ process) {
    const given = (/** @type {Error} */ error) => say(`${process.name} is no longer watched: ${error.message}`);
    this.#keepRunning(process).catch(given);
    if ('url' in process && typeof process.url === 'string' && !isDebugged(process))
      this.#endWhatHangs(process, process.url).catch(given);
  }

  /** Ends a watched process, within this time, so that it is started again without a pause. */
  async replace(/** @type {OwnedProcess} */ process, /** @type {number} */ timeoutMs) {
    if (process.running) {
      this.#replaced.add(process);
      await process.stop(timeoutMs);
    } else this.#pauses.get(process)?.();
  }

  /** Starts nothing again from now on. */
  rest() {
    this.#stopping.abort();
  }

  async #keepRunning(/** @type {import('#built/processes').OwnedProcess} */ process) {
    const { signal } = this.#stopping;
    for (let failures = 0, upSince = Date.now(); ; upSince = Date.now()) {
      const { code, signal: killedBy } = await process.exit;
      if (signal.aborted) return;
      const replaced = this.#replaced.delete(process);
      failures = replaced || Date.now() - upSince > provenAfterMs ? 0 : failures + 1;
      if (!replaced) {
        say(`${process.name} ended (${killedBy ?? `exit code ${code}`}) and is started again; its log: ${process.log}`);
        await this.#pause(process, pauseMs(failures));
      }
      if (signal.aborted) return;
      await this.#restart(process, { silent: replaced });
    }
  }

  async #pause(/** @type {OwnedProcess} */ process, /** @type {number} */ ms) {
    const pause = new AbortController();
    this.#pauses.set(process, () => pause.abort());
    const signal = AbortSignal.any([this.#stopping.signal, pause.signal]);
    await delay(ms, undefined, { signal }).catch(() => undefined);
    this.#pauses.delete(process);
  }

  /** A hanging process does not exit. It is killed, and {@link #keepRunning} starts it again. */
  async #endWhatHangs(/** @type {import('#built/processes').OwnedProcess} */ process, /** @type {string} */ url) {
    const { signal } = this.#stopping;
    const { everyMs, timeoutMs, hungAfterMs } = this.liveness;
    /** @type {number | undefined} */
    let pid;
    let liveness = new Liveness(this.liveness);
    for (; !signal.aborted; await delay(everyMs, undefined, { signal }).catch(() => undefined)) {
      if (process.pid !== pid) {
        pid = process.pid;
        liveness = new Liveness(this.liveness);
      }
      const answered = await isAlive(url, timeoutMs);
      if (signal.aborted || process.pid !== pid || !liveness.hangs(answered, performance.now())) continue;
      say(`${process.name} has not answered for ${hungAfterMs / 1_000} s and is killed`);
      await process.kill9();
    }
  }

  async #restart(/** @type {OwnedProcess} */ process, { silent = false } = {}) {
    const begun = Date.now();
    try {
      // It may wait for another process that died; killing it would not help.
      const ready = process.start({ readyTimeoutMs: Number.POSITIVE_INFINITY });
      await this.onChange();
      await ready;
      await this.onChange();
      if (!silent) say(`${process.name} is back after ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
    } catch {
      // It died again while it started; the next round reports that.
    }
  }
}

/** At once the first time, then more and more patiently. */
const pauseMs = (/** @type {number} */ failures) =>
  failures === 0 ? 0 : Math.min(longestPauseMs, 100 * 2 ** failures);

/** Does it answer at all? Whether it is ready is its own affair. */
async function isAlive(/** @type {string} */ url, /** @type {number} */ timeoutMs) {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** A process at a breakpoint hangs intentionally. */
function isDebugged(/** @type {OwnedProcess} */ app) {
  return ('inspected' in app && app.inspected === true) || /--inspect/.test(process.env['NODE_OPTIONS'] ?? '');
}
