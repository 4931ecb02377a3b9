import type { ReleaseType } from '@paddock/contracts';
import type { FieldProblem, Severity } from '../../graphql/problems.js';
import type { StateView } from '../after-state.js';
import type { KindOf, NamedDocument, PinnedBody, PlanGate, PlanInput } from '../plan.js';
import type { Unseen } from '../unseen.js';

/** The constant facts of a gate: the API, the schedule and the generated page `docs/gates.md` use them. */
export interface GateDescription {
  /** Stable and machine-readable: `BROKEN_REFERENCE`. Several gates may have one code, for different causes. */
  readonly code: string;
  /** The problem, in one short sentence without a full stop. */
  readonly title: string;
  /** When it appears, in full sentences. */
  readonly appears: string;
  /** `FORWARD`: rollbacks pass it. */
  readonly appliesTo: 'FORWARD' | 'ALL';
  /** `ERROR` keeps a release from landing. `WARNING` is shown as a note of the plan. */
  readonly severity: Severity;
  /** `DOCUMENT`: it holds for a document by itself, so it is shown as a problem of its draft as well. */
  readonly subject: 'DOCUMENT' | 'RELEASE';
  /** The release cannot be scheduled either: no change that others may make until then is expected to resolve it. */
  readonly refusesSchedule: boolean;
  /** How to resolve it; `null` where that is impossible. */
  readonly resolution: GateResolution | null;
  /** How to resolve it in a rollback, which cannot be edited. Absent: in the same way. */
  readonly inRollback?: GateResolution | null;
  /** The permission to land the release despite the gate; `null` where no permission passes it. */
  readonly override: GateOverride | null;
  /** Which releases it does not concern although its reason exists. */
  readonly exceptions?: string;
}

/** How to resolve a gate. */
export interface GateResolution {
  /** The GraphQL mutation that does it; `null` where no mutation of this API does. */
  readonly mutation: string | null;
  /** What to do, for people. */
  readonly hint: string;
}

/** Who may land a release in spite of a gate. */
export interface GateOverride {
  readonly permission: string;
}

/** One place in which a gate's reason was found. */
export interface Found {
  readonly message: string;
  /** Every document that the message says something about; the one that the gate is about is the first. */
  readonly concerns: readonly NamedDocument[];
  /** Where in the body of the first one. Absent: not in a part of a body. */
  readonly path?: string;
  /** The report of the document's kind, where the gate passes it on. */
  readonly problem?: FieldProblem;
}

/** What gates judge by: the input of the plan, and what several of them would otherwise compute again. */
export interface GateInput extends PlanInput {
  readonly kindOf: KindOf;
  /** The current state of the part of the environment that the plan reads. */
  readonly before: StateView;
  /** The same part once the release has landed. */
  readonly after: StateView;
  /** Parts of the release's documents that no visitor will see. */
  readonly unseenParts: readonly (readonly [PinnedBody, Unseen])[];
}

/**
 * A reason why a release may not land, or a fact that its operator should know. Kinds and other modules register
 * theirs with {@link provideGates}; the engine has a list of its own in `index.ts`.
 */
export interface Gate extends GateDescription {
  /** Every place in which the reason exists. Pure. */
  find(input: GateInput): readonly Found[];
}

/** The findings in a release of a type, as its plan shows them. */
export function planGate(gate: GateDescription, found: Found, type: ReleaseType): PlanGate {
  const { message, concerns, path, problem } = found;
  const { code, subject, refusesSchedule, override, inRollback = gate.resolution } = gate;
  const resolution = type === 'FORWARD' ? gate.resolution : inRollback;
  const named = concerns.map(({ documentId, ref }) => ({ documentId, ref }));
  return {
    ...{ code, message, documentId: named[0]?.documentId ?? null, path: path ?? null, concerns: named },
    ...{ subject, refusesSchedule, resolution, override },
    ...(problem ? { problem } : {}),
  };
}
