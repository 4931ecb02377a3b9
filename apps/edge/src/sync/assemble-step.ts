import { advanceStateHash, type AnyRef, formatRef, type LandedChange } from '#contracts';
import { DOCUMENTS_AT_ONCE, type RedisSource } from '#live-config';
import { inPortions } from '#runtime';
import type { BlobArena } from '../state/blob-arena.js';
import type { BodyCache } from '../state/body-cache.js';
import type { LiveState, PreparedUpdate } from '../state/live-state.js';
import { fetchBodies, type Target } from './fetch-bodies.js';

/** Where bodies come from and go to. */
export interface Bodies {
  source: RedisSource;
  arena: BlobArena;
  cache: BodyCache;
}

/** `otherState`: the bodies are good, but what they lead to is not what the release says, so what is held cannot be what it was made for. */
export type Assembled = { ok: true; updates: PreparedUpdate[] } | { ok: false; reason: string; otherState: boolean };

/**
 * Works out what releases, taken together, do to the state: the last word on each document counts. Every body is
 * fetched and checked, and the hash of what would come out is compared with what the last release says. Nothing is
 * changed yet; where it is not `ok`, nothing is held.
 */
export async function assembleStep(
  state: LiveState,
  changes: readonly LandedChange[],
  bodies: Bodies,
): Promise<Assembled> {
  const updates: PreparedUpdate[] = [];
  const reasons: string[] = [];
  let otherState = false;
  await inPortions(lastWords(changes), DOCUMENTS_AT_ONCE, async (targets) => {
    const fetched = await fetchBodies(bodies.source, bodies.arena, targets);
    reasons.push(...fetched.problems.values());
    for (const update of fetched.updates) updates.push(state.prepare(update));
  });
  if (reasons.length === 0) {
    const hash = advanceStateHash(state.position.stateHash, updates.map(stepOf));
    if (hash === changes.at(-1)?.stateHash) return { ok: true, updates };
    otherState = true;
    reasons.push(`the state hash after it is ${hash}, not ${changes.at(-1)?.stateHash ?? 'any'}`);
  }
  for (const { next } of updates) if (next) bodies.arena.release(next.blob);
  return { ok: false, reason: describe(reasons), otherState };
}

function lastWords(changes: readonly LandedChange[]): Target[] {
  const targets = new Map<string, Target>();
  for (const { items } of changes) {
    for (const { kind, site, key, sha256 } of items)
      targets.set(formatRef({ kind, site, key }), { ref: { kind, site, key }, sha256 });
  }
  return [...targets.values()];
}

function stepOf({ ref, previous, next }: PreparedUpdate): { ref: AnyRef; before: string | null; after: string | null } {
  return { ref, before: previous?.document.blob.sha256 ?? null, after: next?.blob.sha256 ?? null };
}

/** The first few reasons: a receipt is no log. */
export function describe(reasons: readonly string[]): string {
  const more = reasons.length > 3 ? `; and ${reasons.length - 3} more` : '';
  return `${reasons.slice(0, 3).join('; ')}${more}`;
}
