const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * When to retry a failure: soon at first, because a missing blob is often on its way, then at doubling intervals, because
 * reading everything is expensive. Another target is tried at once.
 */
export class RetryPace {
  private target: string | undefined;
  private failures = 0;
  private until = 0;

  /** May `target` be tried now? */
  isDue(target: string, now: number): boolean {
    return target !== this.target || now >= this.until;
  }

  /** Notes that `target` could not be reached. @returns milliseconds until it is due again */
  failed(target: string, now: number): number {
    this.failures = target === this.target ? this.failures + 1 : 1;
    this.target = target;
    const pauseMs = Math.min(FIRST_MS * 2 ** (this.failures - 1), LONGEST_MS);
    this.until = now + pauseMs;
    return pauseMs;
  }

  /** Upstream has announced a change: the retry is due at once. */
  hurry(): void {
    this.until = 0;
  }

  succeeded(): void {
    this.target = undefined;
    this.failures = 0;
  }
}
