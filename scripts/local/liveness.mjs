/**
 * How long a process may leave its `/healthz` unanswered before it is killed and started again.
 * @typedef {{ everyMs: number, timeoutMs: number, hungAfterMs: number }} LivenessSettings
 */

/** @type {LivenessSettings} */
export const livenessDefaults = { everyMs: 2_000, timeoutMs: 3_000, hungAfterMs: 20_000 };

/** Only time in which the supervisor itself ran counts: a gap this many times as long as one probe was a suspended machine. */
const gapFactor = 2;

/** Judges by the answers to probes whether a process hangs. */
export class Liveness {
  /** @type {number | undefined} */
  #silentMs;
  /** @type {number | undefined} */
  #lastProbe;

  constructor(/** @type {LivenessSettings} */ settings) {
    this.settings = settings;
  }

  /**
   * Notes the outcome of one probe. A process counts from its first answer on: how long it may take to start is not
   * decided here.
   * @returns {boolean} whether it hangs
   */
  hangs(/** @type {boolean} */ answered, /** @type {number} */ now) {
    const { everyMs, timeoutMs, hungAfterMs } = this.settings;
    const elapsed = now - (this.#lastProbe ?? now);
    this.#lastProbe = now;
    if (answered) {
      this.#silentMs = 0;
      return false;
    }
    if (this.#silentMs === undefined) return false;
    if (elapsed > gapFactor * (everyMs + timeoutMs)) {
      this.#silentMs = 0;
      return false;
    }
    this.#silentMs += elapsed;
    return this.#silentMs >= hungAfterMs;
  }
}
