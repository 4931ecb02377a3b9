import { StateView } from '../after-state.js';
import type { KindOf, PlanGate, PlanInput, PlanNote } from '../plan.js';
import { brokenReference } from './broken-reference.js';
import { contradiction } from './contradiction.js';
import { duplicateClaim } from './duplicate-claim.js';
import { emptyRelease } from './empty-release.js';
import { freezePassed, freezeWindow } from './freeze-window.js';
import { type Gate, type GateDescription, planGate } from './gate.js';
import { incompatibleChange } from './incompatible-change.js';
import { invalidBody } from './invalid-body.js';
import { notLive } from './not-live.js';
import { nothingToRollBack, rollbackOverlap } from './rollback-overlap.js';
import { scheduledOverlap } from './scheduled-overlap.js';
import { stalePin } from './stale-pin.js';
import { unchanged } from './unchanged.js';
import { unfitDependent } from './unfit-dependent.js';
import { siteOutOfScope, unknownSite, unseenNotes, unseenParts } from './unseen-parts.js';

/**
 * The gates of the engine, in the order in which plans show them; those of kinds follow. A rollback returns to
 * approved bodies, so today's rules for bodies, freezes and schedules do not block it; only a broken page does.
 */
export const ENGINE_GATES: readonly Gate[] = [
  emptyRelease,
  brokenReference,
  unfitDependent,
  duplicateClaim,
  contradiction,
  invalidBody,
  incompatibleChange,
  unknownSite,
  siteOutOfScope,
  stalePin,
  notLive,
  freezeWindow,
  scheduledOverlap,
  unchanged,
  freezePassed,
  ...unseenNotes,
];

/** Gates that a rollback finds before it has a plan. */
export const ROLLBACK_GATES: readonly GateDescription[] = [rollbackOverlap, nothingToRollBack];

/** Every reason at once why a release may not land, and what its operator should know besides. Pure. */
export function findGates(
  input: PlanInput,
  kindOf: KindOf,
  gates: readonly Gate[],
): { gates: PlanGate[]; notes: PlanNote[] } {
  const judged = {
    ...input,
    kindOf,
    before: StateView.before(input),
    after: StateView.after(input),
    unseenParts: unseenParts(input, kindOf),
  };
  const found = gates
    .filter(({ appliesTo }) => appliesTo === 'ALL' || input.type === 'FORWARD')
    .flatMap((gate) =>
      gate.find(judged).map((one) => ({ severity: gate.severity, shown: planGate(gate, one, input.type) })),
    );
  const shown = (severity: Gate['severity']) => found.flatMap((one) => (one.severity === severity ? one.shown : []));
  return { gates: shown('ERROR'), notes: shown('WARNING') };
}
