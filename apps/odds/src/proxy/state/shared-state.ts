import type { CanonicalTarget } from '@paddock/traffic';
import type { Failure, Outcome } from '../outcome.js';
import type { Upstream } from '../upstream.js';

/** What somebody wants to know. */
export interface Question {
  /** The same for all who ask the same. */
  readonly id: string;
  readonly upstream: Upstream;
  readonly target: CanonicalTarget;
}

/** The right to send one request. Whoever holds it tells all others what came of it. */
export interface Permit {
  readonly window: number;
  /** @returns whether it was still ours to tell: another may have been let in since */
  settle(outcome: Outcome): Promise<boolean>;
  /** Gives up because nobody wants to know any more. @returns false where somebody elsewhere does */
  abandon(): Promise<boolean>;
}

/** What may be done about a question now. */
export type Claim =
  | { readonly kind: 'YOURS'; readonly permit: Permit }
  /** Somebody is asking. We are counted among those who wait for `fence`, until `leave`. */
  | { readonly kind: 'RUNNING'; readonly fence: string; leave(): Promise<void> }
  /** It was asked in this window. */
  | { readonly kind: 'DONE'; readonly outcome: Outcome }
  /** It was asked in this window and given up: the next window begins in `waitMs`. */
  | { readonly kind: 'LATER'; readonly waitMs: number }
  /** Nobody may ask this upstream at present. */
  | { readonly kind: 'RESTING'; readonly failure: Failure };

/** Tells when something about a question may have become known; a hint, which may get lost. */
export interface News {
  /** Ends with the next news, after `ms`, or when `signal` aborts. */
  next(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Who may ask what, agreed among all processes that share it: per question and window one request, and one at a time. */
export interface SharedState {
  /** @param counted the fence for which the caller is counted as waiting already */
  claim(question: Question, counted: string | undefined): Promise<Claim>;
  news(question: Question): News;
}

/** Failures in a row after which an upstream is left in peace. */
export const FAILURES_BEFORE_REST = 3;

/** How long a permit is believed: the request's own limit, and time to tell of it. */
export function leaseMs({ timeoutMs }: Upstream): number {
  return timeoutMs + 1_000;
}

/** For those who find an upstream at rest. */
export function resting(upstream: Upstream, at: number, until: number, why: string): Failure {
  return {
    code: 'UPSTREAM_RESTING',
    detail: `the upstream ${upstream.key} is not asked at present: ${why}`,
    at,
    retryAt: until,
  };
}
