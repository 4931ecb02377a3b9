import type { SourceStatus } from './odds/market.js';

/** Prefix of the environment variables that a feed may read: config can name no other variable. */
export const FEED_SECRET_PREFIX = 'ODDS_SECRET_';

export const SUSPENDED_DISPLAYS = ['BLANK', 'FROZEN'] as const;
/** How the prices of a suspended market are shown: not at all, or the last ones marked as not bettable. */
export type SuspendedDisplay = (typeof SUSPENDED_DISPLAYS)[number];

/** The position of a value in an answer: `path` is `a.b.0.c` from the mapped element; `value` is fixed. */
export type Place = string | { readonly value: string | number | boolean };

/** How the answer of a polled source is mapped to markets. */
export interface PollMapping {
  /** The list of markets; empty for an answer that is the list itself. */
  readonly markets: string;
  readonly market: {
    readonly id: Place;
    readonly event: Place;
    readonly eventName?: Place;
    readonly sport?: Place;
    readonly competition?: Place;
    readonly type?: Place;
    readonly name?: Place;
    readonly startTime?: Place;
    /** OPEN where absent. */
    readonly status?: Place;
    readonly inPlay?: Place;
  };
  /** The list of runners, within a market. */
  readonly runners: string;
  readonly runner: { readonly id: Place; readonly name?: Place; readonly price: Place; readonly active?: Place };
  /** The status for each of the source's words; a word that is missing means SUSPENDED. */
  readonly statuses?: Readonly<Record<string, SourceStatus>>;
  readonly prices: 'decimal' | 'american';
}

/** The Betfair Exchange Stream. Credentials are names of environment variables of the odds service, never secrets. */
export interface BetfairSource {
  host?: string;
  port?: number;
  loginUrl?: string;
  appKeyVariable: string;
  usernameVariable: string;
  passwordVariable: string;
  /** Sent to Betfair unchanged. */
  marketFilter: { [name: string]: unknown };
  fields?: string[];
  heartbeatMs?: number;
}

/** A recorded Betfair stream below the odds service's folder of files; speed 0 is as fast as possible, 1 as it was. */
export interface RecordingSource {
  path: string;
  speed?: number;
  repeat?: boolean;
}

/** Sportradar's Unified Odds Feed: from a folder of messages, or from the queue that has the feed's key. */
export interface UofSource {
  producers: number[];
  folder?: string;
  reference?: string[];
  apiUrl?: string;
  accessTokenVariable?: string;
}

/** Either `value`, or `variable`: the name of an environment variable that holds it. */
export interface PollerHeader {
  name: string;
  value?: string;
  variable?: string;
}

/** A query parameter whose value is a named secret; a parameter that is no secret belongs in the address itself. */
export interface PollerParameter {
  name: string;
  variable: string;
}

/** A JSON endpoint that is polled, once per sync window. */
export interface PollerSource {
  url: string;
  /** Added to the query of `url`. */
  parameters?: PollerParameter[];
  headers?: PollerHeader[];
  mapping: PollMapping;
}

/** A simulated match day; the same seed gives the same matches. */
export interface SimulatorSource {
  seed?: number;
  matches?: number;
  matchMs?: number;
}

export const FEED_SOURCES = ['betfair', 'recording', 'uof', 'poller', 'simulator'] as const;
export type FeedSourceName = (typeof FEED_SOURCES)[number];

/** Where odds come from: exactly one member. */
export interface OddsFeedSource {
  betfair?: BetfairSource;
  recording?: RecordingSource;
  uof?: UofSource;
  poller?: PollerSource;
  simulator?: SimulatorSource;
}

/** A feed of odds, and how its changes are passed on. The document's key is the feed's key, and the prefix of its ids. */
export interface OddsFeedBody {
  source: OddsFeedSource;
  /** The source is polled at most once in such a window. A source that sets its own pace is not slowed down. */
  syncWindowMs: number;
  /** The conflation window of readers that ask for none: 0 to 120,000; absent counts as {@link DEFAULT_CONFLATE_MS}. */
  conflateMs?: number;
  /** Silence of the source after which its markets are suspended. */
  silenceMs: number;
  /** Age of its changes beyond which its markets are suspended; absent, as `silenceMs`. */
  lagMs?: number;
  suspendedDisplay: SuspendedDisplay;
  enabled: boolean;
}

export const DEFAULT_CONFLATE_MS = 250;
