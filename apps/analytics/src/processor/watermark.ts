/** How far a source's time has come, and how late events may still be. */
export interface WatermarkPolicy {
  outOfOrderMs: number;
  idleTimeoutMs: number;
}

/**
 * The watermark of one source: all events before it are taken to have arrived. It follows the newest event time, less
 * what comes out of order, and never goes back. One event dated ahead cannot carry it away, since it never passes the
 * time of receipt; a silent source cannot hold windows open, since after its idle timeout the clock moves it on.
 */
export class Watermark {
  private newest = -Infinity;
  private lastArrival = -Infinity;

  constructor(private policy: WatermarkPolicy) {}

  follow(policy: WatermarkPolicy): void {
    this.policy = policy;
  }

  /** Events up to `newestEvent` came; `receivedAt` by the collector's clock, `now` by this process's. */
  observe(newestEvent: number, receivedAt: number, now: number): void {
    this.newest = Math.max(this.newest, Math.min(newestEvent, receivedAt) - this.policy.outOfOrderMs);
    this.lastArrival = now;
  }

  at(now: number): number {
    if (this.lastArrival !== -Infinity && now - this.lastArrival >= this.policy.idleTimeoutMs) {
      this.newest = Math.max(this.newest, now - this.policy.idleTimeoutMs - this.policy.outOfOrderMs);
    }
    return this.newest;
  }
}

/** OPEN: more events are expected; CLOSED: complete as far as known; REVISED: late events changed it; FINAL: no event changes it any more by itself. */
export const FINALITIES = ['OPEN', 'CLOSED', 'REVISED', 'FINAL'] as const;
export type Finality = (typeof FINALITIES)[number];

/** What can be said of a window that ends at `end`; `revised` says that it changed after it was closed, or even final. */
export function finalityOf(end: number, watermark: number, latenessMs: number, revised: boolean): Finality {
  if (end > watermark) return 'OPEN';
  if (revised) return 'REVISED';
  return end + latenessMs <= watermark ? 'FINAL' : 'CLOSED';
}
