import { type LandedChange, splitRef } from '@paddock/contracts';
import { describeReasons, DOCUMENTS_AT_ONCE, type NamedState, newestReleases } from '@paddock/live-config';
import { inPortions } from '@paddock/runtime';
import { LiveState } from '../state/live-state.js';
import type { Bodies } from './assemble-step.js';
import { fetchBodies } from './fetch-bodies.js';

/** `recent`: of the releases that led to a state with refused documents the newest, as far as they are kept. */
export type ReadState = { ok: true; state: LiveState; recent: readonly LandedChange[] } | { ok: false; reason: string };

/**
 * Reads the bodies of everything that is live, where releases one by one do not lead from here to the head. Bodies that the arena has
 * are not fetched again. Where it is not `ok`, nothing is held.
 * @param before has the last good bodies of documents that are refused
 */
export async function readEverything(
  { head, names }: NamedState,
  bodies: Bodies,
  before: LiveState | undefined,
): Promise<ReadState> {
  const state = new LiveState({ epoch: head.epoch, seq: head.seq, stateHash: head.stateHash }, bodies.cache.decode);
  const reasons: string[] = [];
  await inPortions(names, DOCUMENTS_AT_ONCE, async (portion) => {
    const targets = portion.flatMap(([name, sha256]) => {
      const ref = splitRef(name);
      if (!ref) reasons.push(`${name} is not the name of a document`);
      return ref ? [{ ref, sha256 }] : [];
    });
    const fetched = await fetchBodies(bodies.source, bodies.arena, targets);
    reasons.push(...fetched.problems.values());
    for (const update of fetched.updates) {
      const prepared = state.prepare(update, before);
      if (prepared.next?.lastGood) bodies.arena.hold(prepared.next.lastGood);
      state.set(prepared);
    }
  });
  if (reasons.length === 0) {
    const recent = state.refused.length > 0 ? await newestReleases(bodies.source, head) : [];
    state.arrive(state.position, recent);
    return { ok: true, state, recent };
  }
  for (const { held } of state.documents()) for (const blob of held) bodies.arena.release(blob);
  return { ok: false, reason: describeReasons(reasons) };
}
