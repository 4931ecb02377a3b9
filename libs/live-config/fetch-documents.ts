import { type AnyRef, formatRef, sha256Hex } from '#contracts';
import type { ConfigDocument, Landing } from './config-state.js';
import { DOCUMENTS_AT_ONCE } from './live-names.js';
import type { RedisSource } from './redis-source.js';

/** What a document is to become: the name of its body, or `null` where it is removed. */
export interface Target {
  readonly ref: AnyRef;
  readonly sha256: string | null;
  /** How it became that, where it is known. */
  readonly landing?: Landing;
}

/** A body is missing, not the one that its name says, or no JSON: the release cannot be applied. */
export class UnusableBodies extends Error {}

/**
 * Fetches bodies and checks each one against its name; those that are known already are not fetched again.
 * @throws UnusableBodies naming the first few documents and why
 */
export async function fetchDocuments(
  source: RedisSource,
  targets: readonly Target[],
  known: ReadonlyMap<string, ConfigDocument>,
): Promise<(readonly [AnyRef, ConfigDocument | null])[]> {
  const found: (readonly [AnyRef, ConfigDocument | null])[] = [];
  const reasons: string[] = [];
  const missing: (Target & { sha256: string })[] = [];
  for (const { ref, sha256, landing } of targets) {
    const before = known.get(formatRef(ref));
    if (sha256 === null) found.push([ref, null]);
    else if (before?.sha256 === sha256) found.push([ref, landing ? { ...before, landing } : before]);
    else missing.push({ ref, sha256, ...(landing ? { landing } : {}) });
  }
  for (let from = 0; from < missing.length; from += DOCUMENTS_AT_ONCE) {
    const portion = missing.slice(from, from + DOCUMENTS_AT_ONCE);
    const blobs = await source.blobs(portion.map(({ sha256 }) => sha256));
    for (const [index, { ref, sha256, landing }] of portion.entries()) {
      try {
        const body = readBody(blobs[index] ?? null, sha256);
        found.push([ref, { ref, sha256, body, ...(landing ? { landing } : {}) }]);
      } catch (error) {
        reasons.push(`${formatRef(ref)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  if (reasons.length > 0)
    throw new UnusableBodies(
      `${reasons.slice(0, 3).join('; ')}${reasons.length > 3 ? `; and ${reasons.length - 3} more` : ''}`,
    );
  return found;
}

function readBody(bytes: Buffer | null, sha256: string): unknown {
  if (bytes === null) throw new Error(`its body ${sha256} is missing`);
  if (sha256Hex(bytes) !== sha256) throw new Error(`its body ${sha256} does not have the bytes that its name says`);
  return JSON.parse(bytes.toString('utf8'));
}
