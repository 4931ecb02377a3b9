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

/** The position of a consumer. */
export interface Held {
  readonly position: ConfigPosition;
  /** The newest position whose release brought no refused document; absent where every release brought one. */
  readonly proved?: ConfigPosition | undefined;
  /** The refused documents, for receipts of applied releases. */
  readonly remark?: string | undefined;
}

/** Why releases, taken together, cannot be applied. */
export interface Failure {
  readonly reason: string;
  /** The oldest release from which on every step fails for this reason, where that is known. */
  readonly since?: number | undefined;
  /** Bodies are good, but lead to another state hash than the releases name: the releases were made for another state. */
  readonly otherState?: boolean;
}

/** A fetched and checked step, or why it failed. */
export type Assembled<Step> = { readonly ok: true; readonly step: Step } | ({ readonly ok: false } & Failure);

/** A fetched and checked state, with the newest releases that led to it; or why it failed. */
export type ReadState<Step> =
  | { readonly ok: true; readonly step: Step; readonly recent: readonly LandedChange[] }
  | { readonly ok: false; readonly reason: string };

/** Everything live at one head, by name. */
export type NamedState = Extract<LiveNames, { ok: true }>;

/** The outcome of one applied release: nothing in it concerns the consumer, or it is in force, or documents are refused. */
export type Verdict = 'SKIPPED' | 'APPLIED' | { readonly refused: string };

/** The state of one consumer, which a `Follower` keeps at the head. Its methods are called one at a time, apart from `keep`. */
export interface Target<Step> {
  /** `undefined` before the first state. */
  readonly held: Held | undefined;
  /** Why the head is not reached; written by the follower, shown by health checks. */
  rejection: Rejection | undefined;
  /** Upstream answered, with its head or without one. Data besides releases, such as settings, is fetched here. */
  heard(head: Head | undefined): Promise<void>;
  /** Fetches and checks the state after several releases. Nothing is changed yet. */
  assemble(changes: readonly LandedChange[]): Promise<Assembled<Step>>;
  /** Fetches and checks everything that is live. Nothing is changed yet. */
  readAll(live: NamedState): Promise<ReadState<Step>>;
  /** Applies a step, all of it or nothing. @returns why it cannot */
  apply(step: Step): Promise<string | undefined>;
  /** Resolves when the applied state is on disk, or cannot be kept there. Never rejects. */
  keep(): Promise<void>;
  /** The outcome of an applied release. */
  verdict(change: LandedChange): Verdict;
  /** A check has ended: `atHead` where nothing is left to follow. */
  rest(atHead: boolean): Promise<void>;
}
