import { type AnyRef, formatRef, sha256Hex } from '@paddock/contracts';
import type { ConfigDocument } from './config-state.js';
import { describeReasons } from './describe-reasons.js';
import type { Version } from './last-write-wins.js';
import { DOCUMENTS_AT_ONCE } from './live-names.js';
import type { RedisSource } from './redis-source.js';

/** Bodies that are missing, have other bytes than their names say, or are not JSON: a state with them cannot be applied. */
export class UnusableBodies extends Error {
  /** @param reasons by `formatRef` of the document */
  constructor(readonly reasons: ReadonlyMap<string, string>) {
    super(describeReasons([...reasons.values()]));
  }
}

/**
 * Fetches bodies and checks each one against its name; known bodies are not fetched again.
 * @throws UnusableBodies naming the first few documents and why
 */
export async function fetchDocuments(
  source: RedisSource,
  targets: readonly Version[],
  known: ReadonlyMap<string, ConfigDocument>,
): Promise<(readonly [AnyRef, ConfigDocument | null])[]> {
  const found: (readonly [AnyRef, ConfigDocument | null])[] = [];
  const reasons = new Map<string, string>();
  const missing: (Version & { sha256: string })[] = [];
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
        const name = formatRef(ref);
        reasons.set(name, `${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  if (reasons.size > 0) throw new UnusableBodies(reasons);
  return found;
}

function readBody(bytes: Buffer | null, sha256: string): unknown {
  if (bytes === null) throw new Error(`its body ${sha256} is missing`);
  if (sha256Hex(bytes) !== sha256) throw new Error(`its body ${sha256} does not have the bytes that its name says`);
  return JSON.parse(bytes.toString('utf8'));
}
