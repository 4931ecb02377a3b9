import { canonicalJson, sha256Hex } from '@paddock/contracts';
import { diffBodies } from '../documents/diff.js';
import { shownBody } from '../documents/kind-registry.js';
import type { Gate } from './gates/gate.js';
import { ENGINE_GATES, findGates } from './gates/index.js';
import { assessImpact } from './impact.js';
import type { KindOf, Plan, PlanInput } from './plan.js';

/**
 * The effect of a release if it landed now: gates, changes, impact. Pure. @param gates the gates of the engine, and
 * those that kinds register
 */
export function planRelease(input: PlanInput, kindOf: KindOf, gates: readonly Gate[] = ENGINE_GATES): Plan {
  return {
    input,
    hash: planHash(input),
    ...findGates(input, kindOf, gates),
    diff: input.items.map(({ documentId, ref, op, pinned, live }) => ({
      ...{ documentId, ref, op },
      revision: pinned?.revision ?? null,
      previousRevision: live?.revision ?? null,
      changes: diffBodies(
        live ? shownBody(kindOf(ref.kind), live.body) : undefined,
        pinned ? shownBody(kindOf(ref.kind), pinned.body) : undefined,
      ),
    })),
    impact: assessImpact(input, kindOf),
    overlaps: input.scheduled.map(({ id, title, at, pins }) => ({
      releaseId: id,
      title,
      at,
      documentIds: pins.map((pin) => pin.documentId),
    })),
  };
}

/**
 * The hash leaves out gates: the landing judges them again and reports them. It covers what must not change unseen:
 * the bodies that become live and the bodies that they replace.
 */
function planHash({ releaseId, environment, type, items }: PlanInput): string {
  const effect = items
    .map(({ documentId, op, pinned, live }) => ({
      documentId,
      op,
      lands: pinned?.sha256 ?? null,
      replaces: live?.revision ?? null,
    }))
    .sort((a, b) => (a.documentId < b.documentId ? -1 : 1));
  return sha256Hex(canonicalJson({ releaseId, environment, type, effect }));
}
