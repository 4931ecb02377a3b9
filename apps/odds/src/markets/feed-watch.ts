import type { OddsChange } from '@paddock/contracts';

/** How long a feed may be silent, or what it says may be old, before it is not believed. */
export interface FeedLimits {
  readonly silenceMs: number;
  readonly lagMs: number;
}

/** UOF's and Betfair's own rule is 20 and 10 seconds; the longer holds for feeds of which nothing else is known. */
export const DEFAULT_LIMITS: FeedLimits = { silenceMs: 20_000, lagMs: 20_000 };

/**
 * When each feed was heard last. Silence is judged per feed, never per market: healthy markets are quiet for minutes.
 * This is the only part of the market state that depends on the clock; what it finds is written to the log.
 */
export class FeedWatch {
  private readonly heardAt = new Map<string, number>();

  constructor(private readonly limitsOf: (feed: string) => FeedLimits = () => DEFAULT_LIMITS) {}

  /** Begins the silence of a feed that is known from before, now. */
  expect(feed: string, now: number): void {
    if (!this.heardAt.has(feed)) this.heardAt.set(feed, now);
  }

  /** Notes a change that was read at `now`; says whether it comes too late to be believed. */
  hear(change: OddsChange, now: number): 'LAG' | undefined {
    const { feed } = change.source;
    if (change.type !== 'feed_down') this.heardAt.set(feed, now);
    return now - change.at > this.limitsOf(feed).lagMs ? 'LAG' : undefined;
  }

  /** The feeds that have been silent for too long. */
  silent(now: number): string[] {
    return [...this.heardAt].filter(([feed, at]) => now - at > this.limitsOf(feed).silenceMs).map(([feed]) => feed);
  }
}
