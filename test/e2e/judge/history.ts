import type { ProcessEvent } from '@paddock/processes';

/** One intended publish, from its first request to the answer that settled it. */
export interface Attempt {
  readonly key: string;
  /** The title that it gives both promos. */
  readonly marker: string;
  /** When it was asked for first, in milliseconds of `performance.now()`. */
  readonly from: number;
  /** Requests whose outcome is not known: the connection broke, or the answer said to try again. */
  readonly unknown: string[];
  /** The answer in the end: landed under this seq, or refused with this code. */
  settled: { releaseId: string; seq: number } | { refused: string } | undefined;
}

/** One request for the twins' page, answered or not. */
export interface Read {
  /** Number of the edge that was asked. */
  readonly edge: number;
  /** When it was sent and when it was over, in milliseconds of `performance.now()`. */
  readonly from: number;
  readonly to: number;
  /** Undefined when there was no answer. */
  readonly answer:
    | { readonly status: number; readonly seq: number; readonly titles: readonly string[]; readonly body: string }
    | undefined;
  /** Why there was no answer. */
  readonly failure?: string;
}

/** An event of an edge process. */
export interface EdgeEvent extends ProcessEvent {
  readonly edge: number;
}

/** Everything that a run recorded: what clients asked and were answered, and what happened to the edges meanwhile. */
export interface History {
  readonly reads: readonly Read[];
  readonly edgeEvents: readonly EdgeEvent[];
  /** Reads that were due and not sent, because too many others were under way. */
  readonly droppedReads: number;
  readonly attempts: readonly Attempt[];
}

/** A violated invariant, and the part of the history that shows it. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
  readonly evidence: readonly unknown[];
}
