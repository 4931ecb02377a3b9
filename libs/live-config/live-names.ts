import { advanceStateHash, EMPTY_STATE, formatRef, type Head, splitRef } from '@paddock/contracts';
import { inPortions } from '@paddock/runtime';
import type { RedisSource } from './redis-source.js';

/** Documents per round trip and turn of the event loop. */
export const DOCUMENTS_AT_ONCE = 128;

/** Limit of attempts: continuous publishing can outrun a slow reader only this often. */
const ATTEMPTS = 5;

/** Everything that is live at a head, by reference as text, with the names of the bodies; or why it cannot be read. */
export type LiveNames =
  { ok: true; head: Head; names: Map<string, string> } | { ok: false; head: Head | undefined; reason: string };

/** The names of everything live at one head: read while releases land, then brought to the head by those, and proved by the hash. */
export async function readLiveNames(source: RedisSource): Promise<LiveNames> {
  let reason = 'there is no head';
  let head: Head | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await source.head();
    const names = await source.live();
    head = await source.head();
    if (!before || !head || before.epoch !== head.epoch) continue;
    const meanwhile = head.seq > before.seq ? await source.changes(before.seq + 1, head.seq) : [];
    if (!meanwhile) continue;
    for (const { items } of meanwhile) {
      for (const item of items) {
        if (item.sha256 === null) names.delete(formatRef(item));
        else names.set(formatRef(item), item.sha256);
      }
    }
    const hash = await hashOf(names);
    if (hash === head.stateHash) return { ok: true, head, names };
    reason = `the state hash of the ${names.size} live documents is ${hash}, not ${head.stateHash}`;
  }
  return { ok: false, head, reason };
}

async function hashOf(names: ReadonlyMap<string, string>): Promise<string> {
  let hash = EMPTY_STATE;
  await inPortions(names, DOCUMENTS_AT_ONCE, (portion) => {
    const steps = portion.flatMap(([name, sha256]) => {
      const ref = splitRef(name);
      return ref ? [{ ref, before: null, after: sha256 }] : [];
    });
    hash = advanceStateHash(hash, steps);
  });
  return hash;
}
