import { type Head, splitRef } from '#contracts';
import { DOCUMENTS_AT_ONCE, readLiveNames } from '#live-config';
import { inPortions } from '#runtime';
import { LiveState } from '../state/live-state.js';
import { type Bodies, describe } from './assemble-step.js';
import { fetchBodies } from './fetch-bodies.js';

export type ReadState = { ok: true; state: LiveState } | { ok: false; head: Head | undefined; reason: string };

/**
 * Reads everything that is live, where releases one by one do not lead from here to the head. Bodies that the arena has
 * are not fetched again. Where it is not `ok`, nothing is held.
 */
export async function readEverything(bodies: Bodies): Promise<ReadState> {
  const live = await readLiveNames(bodies.source);
  if (!live.ok) return live;
  const { head, names } = live;
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
    for (const update of fetched.updates) state.set(state.prepare(update));
  });
  if (reasons.length === 0) return { ok: true, state };
  for (const { blob } of state.documents()) bodies.arena.release(blob);
  return { ok: false, head, reason: describe(reasons) };
}
