import { advanceStateHash, type AnyRef, type LandedChange } from '@paddock/contracts';
import {
  describeReasons,
  DOCUMENTS_AT_ONCE,
  type Failure,
  lastWriteWins,
  oldestRelease,
  type RedisSource,
} from '@paddock/live-config';
import { inPortions } from '@paddock/runtime';
import type { BlobArena } from '../state/blob-arena.js';
import type { BodyCache } from '../state/body-cache.js';
import type { LiveState, PreparedUpdate } from '../state/live-state.js';
import { fetchBodies } from './fetch-bodies.js';

/** Where bodies come from and go to. */
export interface Bodies {
  source: RedisSource;
  arena: BlobArena;
  cache: BodyCache;
}

/** Updates whose bodies are held, or why there are none. */
export type AssembledUpdates = { ok: true; updates: PreparedUpdate[] } | ({ ok: false } & Failure);

/**
 * Works out what releases, taken together, do to the state: the last write of each document counts. Every body is
 * fetched and checked, and the hash of what would come out is compared with what the last release says. Nothing is
 * changed yet; where it is not `ok`, nothing is held.
 */
export async function assembleStep(
  state: LiveState,
  changes: readonly LandedChange[],
  bodies: Bodies,
): Promise<AssembledUpdates> {
  const updates: PreparedUpdate[] = [];
  const problems = new Map<string, string>();
  const versions = lastWriteWins(changes);
  await inPortions(versions, DOCUMENTS_AT_ONCE, async (portion) => {
    const fetched = await fetchBodies(bodies.source, bodies.arena, portion);
    for (const [name, problem] of fetched.problems) problems.set(name, problem);
    for (const update of fetched.updates) updates.push(state.prepare(update));
  });
  let failure: Failure;
  if (problems.size === 0) {
    const hash = advanceStateHash(state.position.stateHash, updates.map(stepOf));
    if (hash === changes.at(-1)?.stateHash) return { ok: true, updates };
    const reason = `the state hash after it is ${hash}, not ${changes.at(-1)?.stateHash ?? 'any'}`;
    failure = { reason, otherState: true };
  } else {
    const since = oldestRelease(versions, new Set(problems.keys()));
    failure = { reason: describeReasons([...problems.values()]), since };
  }
  for (const { next } of updates) if (next) bodies.arena.release(next.blob);
  return { ok: false, ...failure };
}

function stepOf({ ref, previous, next }: PreparedUpdate): { ref: AnyRef; before: string | null; after: string | null } {
  return { ref, before: previous?.document.blob.sha256 ?? null, after: next?.blob.sha256 ?? null };
}
