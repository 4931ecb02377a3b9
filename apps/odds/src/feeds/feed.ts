import type { FeedDownReason, OddsChange } from '@paddock/contracts';
import type { FeedLimits } from '../markets/feed-watch.js';

/** Where a feed puts what it has understood. `source` names one of the feed's keys; its first where left out. */
export interface FeedOutlet {
  /** Writes changes in order. Resolves when more may come; what is written is in the log a moment later. */
  write(changes: readonly OddsChange[]): Promise<void>;
  /** The source was heard, whatever it said. May be called for every message: it is passed on at most once a second. */
  alive(source?: string): void;
  /** From here on until {@link complete} nothing that was said before is to be believed. */
  down(reason: FeedDownReason, source?: string): Promise<void>;
  /** Everything was said anew. */
  complete(source?: string): Promise<void>;
  /** Sets a message aside that could not be understood. Never throws. */
  quarantine(message: string, reason: unknown): void;
}

/** A source of odds. */
export interface Feed {
  /**
   * Lower-case words joined by dashes. A source of several producers, each of which may be down alone, has a key for
   * each; the first one is the first part of all ids.
   */
  readonly keys: readonly [string, ...string[]];
  readonly limits: FeedLimits;
  /** Runs until the signal aborts. What may heal it mends itself; it rejects only for what never will. */
  run(outlet: FeedOutlet, signal: AbortSignal): Promise<void>;
  /** Says everything of one source anew, then `complete`. Called at any time while it runs, for `DOWN` every few seconds until it is complete. */
  recover(source: string, cause: RecoverCause): void;
}

/** Why a source has to say everything anew: its word is not believed, or what it said did not reach the log. */
export type RecoverCause = 'DOWN' | 'LOST';
