import type { DocumentRef, Json, KindName, ReleaseType } from '@paddock/contracts';
import type { ConfigKind } from '../documents/config-kind.js';
import type { BodyChange } from '../documents/diff.js';
import type { FieldProblem } from '../graphql/problems.js';
import type { GateDescription } from './gates/gate.js';
import type { Observed } from './plan-observer.js';
import type { Visitors } from './unseen.js';

/** A stored body with its names. */
export interface PinnedBody {
  documentId: string;
  ref: DocumentRef;
  revision: number;
  sha256: string;
  body: { [name: string]: Json };
}

/** The effect of a release on one document. */
export interface PlannedItem {
  documentId: string;
  ref: DocumentRef;
  op: 'PUT' | 'REMOVE';
  /** The pinned body; `null` for REMOVE. */
  pinned: PinnedBody | null;
  /** The live revision; `null` where the document is not live. */
  live: (PinnedBody & { seq: number }) | null;
  /** Every body that was live in the environment, the oldest first; only for kinds that judge by it. */
  landed?: readonly PinnedBody['body'][];
}

/** Whether the release changes the live body of the document. */
export function changesWhatIsLive({ pinned, live }: Pick<PlannedItem, 'pinned' | 'live'>): boolean {
  return (pinned?.sha256 ?? null) !== (live?.sha256 ?? null);
}

/** All input of a plan, read in one transaction. */
export interface PlanInput {
  releaseId: string;
  environment: string;
  type: ReleaseType;
  items: PlannedItem[];
  /**
   * Live documents outside the release that it may affect: targets of its references, documents that refer to a
   * changed one, and documents with the same claims.
   */
  neighbours: PinnedBody[];
  sites: { key: string; jurisdiction: string }[];
  /** The sites and jurisdictions of the active client keys of the environment; absent: none. */
  clientKeys?: Visitors['clientKeys'];
  freezes: { startsAt: Date; endsAt: Date; reason: string }[];
  /** Scheduled releases of the environment that pin some of the same documents. */
  scheduled: ScheduledNeighbour[];
  /** Data of plan observers from outside the database; absent: none. */
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

/** A document and its name. */
export interface NamedDocument {
  documentId: string;
  ref: DocumentRef;
}

/** A warning: a fact that an operator should know, and that blocks nothing. */
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
  /** The input of the plan; kinds read more from it than the engine knows. */
  input: PlanInput;
  /** Binds a publish to the plan that the operator saw: the documents, their pins, and the bodies that they replace. */
  hash: string;
  gates: PlanGate[];
  notes: readonly PlanNote[];
  diff: DocumentDiff[];
  impact: Impact;
  overlaps: { releaseId: string; title: string; at: Date; documentIds: string[] }[];
}

/** Finds a kind; pure. */
export type KindOf = (name: KindName) => ConfigKind;
