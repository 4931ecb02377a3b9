import type { OddsChange } from '@paddock/contracts';

/** How long a feed may be silent, and how old its changes may be, before it is not trusted. */
export interface FeedLimits {
  readonly silenceMs: number;
  readonly lagMs: number;
}

/** UOF's and Betfair's own rules are 20 and 10 seconds; the longer one is the default for other feeds. */
export const DEFAULT_LIMITS: FeedLimits = { silenceMs: 20_000, lagMs: 20_000 };

/**
 * When each feed was heard last. Silence is judged per feed, never per market: healthy markets are quiet for minutes.
 * This is the only part of the market state that depends on the clock; its findings are written to the log.
 */
export class FeedWatch {
  private readonly heardAt = new Map<string, number>();

  constructor(private readonly limitsOf: (feed: string) => FeedLimits = () => DEFAULT_LIMITS) {}

  /** Starts the silence of a feed from an earlier run now. */
  expect(feed: string, now: number): void {
    if (!this.heardAt.has(feed)) this.heardAt.set(feed, now);
  }

  /** Notes a change that was read at `now`; returns whether it is too old to be trusted. */
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
