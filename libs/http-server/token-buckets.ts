/** How often something may happen: `perSecond` on average, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What one key has used of its rate. */
export interface Meter {
  /** When all of its burst is there again, in milliseconds of a monotonic clock. */
  fullAt: number;
}

/** Keys of one generation. Two are kept, so this bounds the memory at about 5 MB whatever attackers invent. */
const MAX_KEYS = 20_000;

/**
 * A token bucket per key, by the generic cell rate algorithm (ITU-T I.371): one number per key, and two comparisons per
 * event. Keys that were not used since two generations began are forgotten; so a client with more than 20,000 addresses
 * could have its use forgotten, which gains it nothing, because each address has a bucket of its own anyway.
 */
export class TokenBuckets {
  private young = new Map<string, Meter>();
  private old = new Map<string, Meter>();
  private readonly intervalMs: number;
  private readonly windowMs: number;

  /** @param rate 0 per second switches the limit off */
  constructor(
    { perSecond, burst }: Rate,
    private readonly maxKeys = MAX_KEYS,
  ) {
    this.intervalMs = perSecond > 0 ? 1_000 / perSecond : 0;
    this.windowMs = perSecond > 0 ? this.intervalMs * Math.max(1, burst) : Infinity;
  }

  /** How many keys are kept. */
  get size(): number {
    return this.young.size + this.old.size;
  }

  meterOf(key: string): Meter {
    const known = this.young.get(key);
    if (known) return known;
    const meter = this.old.get(key) ?? { fullAt: 0 };
    if (this.young.size >= this.maxKeys) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, meter);
    return meter;
  }

  /**
   * Takes one token at `now`, by the same monotonic clock each time.
   * @returns 0, or the milliseconds until the next token; then no token was taken
   */
  take(meter: Meter, now: number): number {
    const fullAt = (meter.fullAt > now ? meter.fullAt : now) + this.intervalMs;
    const waitMs = fullAt - now - this.windowMs;
    // A thousandth of a millisecond is rounding, not a token.
    if (waitMs > 1e-3) return waitMs;
    meter.fullAt = fullAt;
    return 0;
  }
}
