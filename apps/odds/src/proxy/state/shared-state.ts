import type { CanonicalTarget } from '@paddock/traffic';
import type { Failure, Outcome } from '../outcome.js';
import type { Upstream } from '../upstream.js';

/** A question to an upstream. */
export interface Question {
  /** Equal for equal questions. */
  readonly id: string;
  readonly upstream: Upstream;
  readonly target: CanonicalTarget;
}

/** The right to send one request. Its holder publishes the outcome to all others. */
export interface Permit {
  readonly window: number;
  /** @returns false where another process got the permit since */
  settle(outcome: Outcome): Promise<boolean>;
  /** Gives up because no caller is left. @returns false where another process waits */
  abandon(): Promise<boolean>;
}

/** What a process may do about a question now. */
export type Claim =
  | { readonly kind: 'YOURS'; readonly permit: Permit }
  /** Another process is asking. This one is counted as waiting for `fence`, until `leave`. */
  | { readonly kind: 'RUNNING'; readonly fence: string; leave(): Promise<void> }
  /** The question was asked in this window. */
  | { readonly kind: 'DONE'; readonly outcome: Outcome }
  /** The question was asked in this window and given up: the next window begins in `waitMs`. */
  | { readonly kind: 'LATER'; readonly waitMs: number }
  /** The upstream may not be asked at present. */
  | { readonly kind: 'RESTING'; readonly failure: Failure };

/** Signals that a question may have an outcome; a hint, which may get lost. */
export interface News {
  /** Ends with the next news, after `ms`, or when `signal` aborts. */
  next(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The agreement of all processes on who may ask: one request per question and window, and one at a time. */
export interface SharedState {
  /** @param counted the fence for which the caller is counted as waiting already */
  claim(question: Question, counted: string | undefined): Promise<Claim>;
  news(question: Question): News;
}

/** Failures in a row that start a cooldown of an upstream. */
export const FAILURES_BEFORE_REST = 3;

/** How long a permit holds: the request's own limit, and time to publish its outcome. */
export function leaseMs({ timeoutMs }: Upstream): number {
  return timeoutMs + 1_000;
}

/** The failure while an upstream is in cooldown. */
export function resting(upstream: Upstream, at: number, until: number, why: string): Failure {
  return {
    code: 'UPSTREAM_RESTING',
    detail: `the upstream ${upstream.key} is not asked at present: ${why}`,
    at,
    retryAt: until,
  };
}
