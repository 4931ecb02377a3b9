import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../setup/progress.mjs';

const longestPauseMs = 5_000;
/** Who lived this long does not die of its start. */
const provenAfterMs = 10_000;

/** Starts again what dies, until told to rest. */
export class Supervisor {
  #stopping = new AbortController();

  /** @param {() => Promise<void>} onChange called when a process has another pid than before */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** Watches a process that runs. */
  watch(/** @type {import('#processes').OwnedProcess} */ process) {
    this.#keepRunning(process).catch((error) => say(`${process.name} is no longer watched: ${error.message}`));
  }

  /** Starts nothing again from now on. */
  rest() {
    this.#stopping.abort();
  }

  async #keepRunning(/** @type {import('#processes').OwnedProcess} */ process) {
    const { signal } = this.#stopping;
    for (let failures = 0, upSince = Date.now(); ; upSince = Date.now()) {
      const { code, signal: killedBy } = await process.exit;
      if (signal.aborted) return;
      failures = Date.now() - upSince > provenAfterMs ? 0 : failures + 1;
      say(`${process.name} ended (${killedBy ?? `exit code ${code}`}) and is started again; its log: ${process.log}`);
      await delay(pauseMs(failures), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#restart(process);
    }
  }

  async #restart(/** @type {import('#processes').OwnedProcess} */ process) {
    const begun = Date.now();
    try {
      // It may wait for something else that died; killing it for that would help nobody.
      const ready = process.start({ readyTimeoutMs: Number.POSITIVE_INFINITY });
      await this.onChange();
      await ready;
      await this.onChange();
      say(`${process.name} is back after ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
    } catch {
      // It died again while it started; the next round says so.
    }
  }
}

/** At once the first time, then more and more patiently. */
const pauseMs = (/** @type {number} */ failures) => (failures === 0 ? 0 : Math.min(longestPauseMs, 100 * 2 ** failures));
