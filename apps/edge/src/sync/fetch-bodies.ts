import { formatRef, sha256Hex } from '@paddock/contracts';
import type { RedisSource, Version } from '@paddock/live-config';
import type { Blob, BlobArena } from '../state/blob-arena.js';
import { readBody } from '../state/decode-body.js';
import type { DocumentUpdate } from '../state/live-state.js';

/** Bodies that were fetched and checked, and what was wrong with the others. One whose shape does not fit is among the updates, as refused. */
export interface FetchedBodies {
  updates: DocumentUpdate[];
  /** By reference: why the document cannot be what it should become. */
  problems: Map<string, string>;
}

/**
 * Fetches the bodies that are not in the arena yet, in one round trip, checks each one's hash and reads its shape. Every blob
 * in `updates` is held for the caller, who must see to it that the targets are few enough for one turn of the event loop.
 */
export async function fetchBodies(
  source: RedisSource,
  arena: BlobArena,
  targets: readonly Version[],
): Promise<FetchedBodies> {
  const held = new Map<string, Blob>();
  const absent = new Set<string>();
  for (const { sha256 } of targets) {
    const known = sha256 === null || held.has(sha256) ? undefined : arena.find(sha256);
    if (known) held.set(known.sha256, arena.hold(known));
    else if (sha256 !== null && !held.has(sha256)) absent.add(sha256);
  }
  const fetched = new Map<string, Buffer>();
  const wrong = new Map<string, string>();
  const names = [...absent];
  for (const [index, bytes] of (await source.blobs(names)).entries()) {
    const sha256 = names[index] ?? '';
    if (bytes === null) wrong.set(sha256, 'is missing');
    else if (sha256Hex(bytes) !== sha256) wrong.set(sha256, 'does not have the bytes that its name says');
    else {
      held.set(sha256, arena.put(sha256, bytes));
      fetched.set(sha256, bytes);
    }
  }
  const bodies = toUpdates(targets, arena, { held, fetched, wrong });
  for (const blob of held.values()) arena.release(blob);
  return bodies;
}

function toUpdates(
  targets: readonly Version[],
  arena: BlobArena,
  {
    held,
    fetched,
    wrong,
  }: { held: ReadonlyMap<string, Blob>; fetched: ReadonlyMap<string, Buffer>; wrong: ReadonlyMap<string, string> },
): FetchedBodies {
  const updates: DocumentUpdate[] = [];
  const problems = new Map<string, string>();
  for (const { ref, sha256 } of targets) {
    const blob = sha256 === null ? undefined : held.get(sha256);
    if (sha256 === null) {
      updates.push({ ref, next: null });
    } else if (!blob) {
      problems.set(formatRef(ref), `${formatRef(ref)}: its body ${sha256} ${wrong.get(sha256) ?? 'is missing'}`);
    } else {
      updates.push({
        ref,
        next: { blob: arena.hold(blob), ...readBody(ref.kind, fetched.get(blob.sha256) ?? blob.bytes()) },
      });
    }
  }
  return { updates, problems };
}
