import { type AnyRef, formatRef, type LandedChange } from '@paddock/contracts';
import type { Landing } from './config-state.js';
import { landingOf } from './landings.js';

/** A document's new version: the name of its body, or `null` where it is removed. */
export interface Version {
  readonly ref: AnyRef;
  readonly sha256: string | null;
  /** How it became live, where that is known. */
  readonly landing?: Landing;
}

/** A version and the release that brought it. */
export interface LandedVersion extends Version {
  readonly seq: number;
}

/**
 * The versions of documents after several releases: for each document, the version of the last release counts.
 * @param concerns which kinds are included; all of them where it is left out
 */
export function lastWriteWins(
  changes: readonly LandedChange[],
  concerns: (kind: string) => boolean = () => true,
): LandedVersion[] {
  const versions = new Map<string, LandedVersion>();
  for (const { seq, items } of changes) {
    for (const item of items) {
      const { kind, site, key, sha256 } = item;
      const ref = { kind, site, key };
      const landing = landingOf(seq, item);
      if (concerns(kind)) versions.set(formatRef(ref), { ref, sha256, seq, ...(landing ? { landing } : {}) });
    }
  }
  return [...versions.values()];
}

/**
 * The release that brought the oldest of the named versions. Each step that ends between it and the last release ends
 * with that version too.
 * @param names of documents, by `formatRef`
 */
export function oldestRelease(versions: readonly LandedVersion[], names: ReadonlySet<string>): number | undefined {
  const seqs = versions.filter(({ ref }) => names.has(formatRef(ref))).map(({ seq }) => seq);
  return seqs.length > 0 ? seqs.reduce((oldest, seq) => Math.min(oldest, seq)) : undefined;
}
