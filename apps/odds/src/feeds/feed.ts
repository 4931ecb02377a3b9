import type { FeedDownReason, OddsChange } from '@paddock/contracts';
import type { FeedLimits } from '../markets/feed-watch.js';

/** Takes a feed's changes. `source` names one of the feed's keys, by default its first. */
export interface FeedOutlet {
  /** Writes changes in order. Resolves when more may come; the changes are in the log a moment later. */
  write(changes: readonly OddsChange[]): Promise<void>;
  /** The source is alive. May be called for every message: it is passed on at most once a second. */
  alive(source?: string): void;
  /** Until {@link complete}, earlier reports of the source are not to be trusted. */
  down(reason: FeedDownReason, source?: string): Promise<void>;
  /** Everything was reported again. */
  complete(source?: string): Promise<void>;
  /** Sets aside a message that could not be read. Never throws. */
  quarantine(message: string, reason: unknown): void;
}

/** A source of odds. */
export interface Feed {
  /**
   * Lower-case words joined by dashes. A source of several producers, which may be down independently, has a key for each;
   * the first key is the first part of all ids.
   */
  readonly keys: readonly [string, ...string[]];
  readonly limits: FeedLimits;
  /** Runs until the signal aborts. It retries what may heal, and rejects only for what never will. */
  run(outlet: FeedOutlet, signal: AbortSignal): Promise<void>;
  /** Reports everything of one source again, then `complete`. Called at any time while the feed runs; for `DOWN` every few seconds until it is complete. */
  recover(source: string, cause: RecoverCause): void;
}

/** Why a source has to report everything again: it is not trusted, or its changes did not reach the log. */
export type RecoverCause = 'DOWN' | 'LOST';
