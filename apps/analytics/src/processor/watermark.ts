/** A source's event time, and how late its events may be. */
export interface WatermarkPolicy {
  outOfOrderMs: number;
  idleTimeoutMs: number;
}

/**
 * The watermark of one source: all events before it are taken to have arrived. It follows the newest event time less
 * the allowed disorder, and never goes back. An event dated in the future cannot move it past the time of receipt. A
 * silent source cannot hold windows open, because after its idle timeout the clock advances the watermark.
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

/** The finality of a window that ends at `end`; `revised`: it changed after it was closed or final. */
export function finalityOf(end: number, watermark: number, latenessMs: number, revised: boolean): Finality {
  if (end > watermark) return 'OPEN';
  if (revised) return 'REVISED';
  return end + latenessMs <= watermark ? 'FINAL' : 'CLOSED';
}
