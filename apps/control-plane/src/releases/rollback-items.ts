import { type DocumentRef, formatRef } from '@paddock/contracts';
import { planGate } from './gates/gate.js';
import { nothingToRollBack, rollbackOverlap } from './gates/rollback-overlap.js';
import type { PlanGate } from './plan.js';
import type { Pin } from './planner.js';

/** One document of a landed release, seen from now. */
export interface LandedItem {
  documentId: string;
  ref: DocumentRef;
  /** The revision that the release replaced; `null` where the document was not live. */
  previousRevision: number | null;
  /** The live body equals the body that the release landed: later releases have been rolled back. */
  standsAsLanded: boolean;
  /** The live body equals the body before the release: there is nothing to roll back. */
  standsAsBefore: boolean;
  /** Releases that changed the document after it, oldest first. */
  later: { seq: number; title: string }[];
}

/**
 * The items of a rollback: each document of the release returns to its earlier revision. Where later releases have
 * changed a document, the operator decides: without `keep` such a document is a gate that shows them; with `keep` the
 * documents named there stay and the others return.
 */
export function rollbackItems(
  items: readonly LandedItem[],
  keep: readonly string[] | undefined,
): { pins: Pin[]; gates: PlanGate[] } {
  const kept = new Set(keep ?? []);
  const returning = items.filter((item) => !kept.has(item.documentId) && !item.standsAsBefore);
  const overlapping =
    keep === undefined ? returning.filter((item) => item.later.length > 0 && !item.standsAsLanded) : [];
  const gates = overlapping.map(({ documentId, ref, later }): PlanGate => {
    const who = later.map((release) => `${release.seq} ${JSON.stringify(release.title)}`).join(', ');
    const message = `${formatRef(ref)} was changed again by release ${who}; name it in keep to keep that, or send keep without it to revert it`;
    return planGate(rollbackOverlap, { message, concerns: [{ documentId, ref }] }, 'ROLLBACK');
  });
  if (returning.length === 0) {
    const message = 'every document is as it was before the release, or kept';
    gates.push(planGate(nothingToRollBack, { message, concerns: [] }, 'ROLLBACK'));
  }
  return {
    pins: returning.map(({ documentId, previousRevision: revision }) => ({
      documentId,
      op: revision === null ? 'REMOVE' : 'PUT',
      revision,
    })),
    gates,
  };
}
