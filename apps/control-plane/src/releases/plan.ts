import type { DocumentRef, Json, KindName, ReleaseType } from '@paddock/contracts';
import type { ConfigKind } from '../documents/config-kind.js';
import type { BodyChange } from '../documents/diff.js';
import type { FieldProblem } from '../graphql/problems.js';
import type { GateDescription } from './gates/gate.js';
import type { Observed } from './plan-observer.js';
import type { Visitors } from './unseen.js';

/** A body as it is stored somewhere, with what names it. */
export interface PinnedBody {
  documentId: string;
  ref: DocumentRef;
  revision: number;
  sha256: string;
  body: { [name: string]: Json };
}

/** What a release does to one document. */
export interface PlannedItem {
  documentId: string;
  ref: DocumentRef;
  op: 'PUT' | 'REMOVE';
  /** The pinned body; `null` for REMOVE. */
  pinned: PinnedBody | null;
  /** What is live now; `null` where nothing is. */
  live: (PinnedBody & { seq: number }) | null;
  /** Every body that was live in the environment, the oldest first; only for kinds that judge by it. */
  landed?: readonly PinnedBody['body'][];
}

/** Would the live content of the document be another one after the release? */
export function changesWhatIsLive({ pinned, live }: Pick<PlannedItem, 'pinned' | 'live'>): boolean {
  return (pinned?.sha256 ?? null) !== (live?.sha256 ?? null);
}

/** Everything that a plan rests upon, read in one transaction. */
export interface PlanInput {
  releaseId: string;
  environment: string;
  type: ReleaseType;
  items: PlannedItem[];
  /**
   * Live documents outside the release that it may touch: those it refers to, those that refer to what it changes,
   * and those that claim what it claims.
   */
  neighbours: PinnedBody[];
  sites: { key: string; jurisdiction: string }[];
  /** What the client keys of the environment that are not revoked bind their holders to; absent: nothing. */
  clientKeys?: Visitors['clientKeys'];
  freezes: { startsAt: Date; endsAt: Date; reason: string }[];
  /** Scheduled releases of the environment that pin some of the same documents. */
  scheduled: ScheduledNeighbour[];
  /** What plan observers saw outside the database; absent: nothing. */
  observed?: readonly Observed[];
  now: Date;
}

export interface ScheduledNeighbour {
  id: string;
  title: string;
  at: Date;
  pins: { documentId: string; revision: number | null }[];
}

/** A reason why a release may not land, with the details of its gate. Gates that an older version stored have only their texts. */
export interface PlanGate extends Partial<
  Pick<GateDescription, 'subject' | 'refusesSchedule' | 'resolution' | 'override'>
> {
  code: string;
  message: string;
  documentId: string | null;
  path: string | null;
  /** Every document that the message tells something of: who may not read one of them must not see the message. */
  concerns: readonly NamedDocument[];
  /** The finding of the document's kind, where the gate adds nothing to it. Absent: the gate has no such text. */
  problem?: FieldProblem;
}

/** A document and what it is called. */
export interface NamedDocument {
  documentId: string;
  ref: DocumentRef;
}

/** Something that an operator should know, and that holds up nothing: a warning. */
export type PlanNote = PlanGate;

export interface DocumentDiff {
  documentId: string;
  ref: DocumentRef;
  op: 'PUT' | 'REMOVE';
  revision: number | null;
  previousRevision: number | null;
  changes: BodyChange[];
}

/** Who will see a difference. */
export interface Impact {
  sites: string[];
  pages: { site: string; page: string; slots: string[] }[];
  jurisdictions: string[];
}

export interface Plan {
  /** What it was computed from; kinds read more from it than the engine knows. */
  input: PlanInput;
  /** Binds a publish to what the operator saw: the documents, their pins, and what they replace. */
  hash: string;
  gates: PlanGate[];
  notes: readonly PlanNote[];
  diff: DocumentDiff[];
  impact: Impact;
  overlaps: { releaseId: string; title: string; at: Date; documentIds: string[] }[];
}

/** Looks a kind up; pure. */
export type KindOf = (name: KindName) => ConfigKind;
