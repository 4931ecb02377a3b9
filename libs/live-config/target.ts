import type { Head, LandedChange } from '@paddock/contracts';
import type { ConfigPosition } from './config-state.js';
import type { LiveNames } from './live-names.js';

/** Why an instance is not where the head is. */
export interface Rejection {
  readonly seq: number;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** Where a consumer stands. */
export interface Held {
  readonly position: ConfigPosition;
  /** The newest position whose release brought no refused document; absent where every release brought one. */
  readonly proved?: ConfigPosition | undefined;
  /** What receipts of applied releases say besides: which documents are refused. */
  readonly remark?: string | undefined;
}

/** Why releases, taken together, cannot be applied. */
export interface Failure {
  readonly reason: string;
  /** The oldest release from which on every step fails for this reason, where that is known. */
  readonly since?: number | undefined;
  /** Bodies are good, but lead to another state than the releases say: what is held is not what they were made for. */
  readonly otherState?: boolean;
}

/** A step that is fetched and checked, or why there is none. */
export type Assembled<Step> = { readonly ok: true; readonly step: Step } | ({ readonly ok: false } & Failure);

/** A whole state that is fetched and checked, with the newest releases that led to it; or why there is none. */
export type ReadState<Step> =
  | { readonly ok: true; readonly step: Step; readonly recent: readonly LandedChange[] }
  | { readonly ok: false; readonly reason: string };

/** Everything live at one head, by name. */
export type NamedState = Extract<LiveNames, { ok: true }>;

/** What became of one applied release: nothing in it concerns the consumer, or it is in force, or documents are refused. */
export type Verdict = 'SKIPPED' | 'APPLIED' | { readonly refused: string };

/** The state of one consumer, which a `Follower` keeps at the head. Its methods are called one at a time, apart from `keep`. */
export interface Target<Step> {
  /** `undefined` before the first state. */
  readonly held: Held | undefined;
  /** Why the head is not reached; written by the follower, shown by health checks. */
  rejection: Rejection | undefined;
  /** Upstream answered, with its head or without one. What travels beside releases is fetched here. */
  heard(head: Head | undefined): Promise<void>;
  /** Fetches and checks what releases, taken together, make of the state. Nothing is changed yet. */
  assemble(changes: readonly LandedChange[]): Promise<Assembled<Step>>;
  /** Fetches and checks everything that is live. Nothing is changed yet. */
  readAll(live: NamedState): Promise<ReadState<Step>>;
  /** Takes a step over, all of it or nothing. @returns why it cannot */
  apply(step: Step): Promise<string | undefined>;
  /** Resolves when the applied state is on disk, or cannot be kept there. Never rejects. */
  keep(): Promise<void>;
  /** Said of a release that was applied. */
  verdict(change: LandedChange): Verdict;
  /** A look is over: `atHead` where nothing is left to follow. */
  rest(atHead: boolean): Promise<void>;
}
