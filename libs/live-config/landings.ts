import { type AnyRef, CHANGES_KEPT, formatRef, type Head, type LandedChange } from '@paddock/contracts';
import type { Landing } from './config-state.js';
import type { Version } from './last-write-wins.js';
import type { RedisSource } from './redis-source.js';

/** Releases read in one round trip. */
const RELEASES_AT_ONCE = 100;

/** How an item of a release became live; `undefined` for a removal, and where the release does not number revisions. */
export function landingOf(seq: number, { revision }: { readonly revision?: number }): Landing | undefined {
  return revision === undefined ? undefined : { seq, revision };
}

/**
 * Finds the release that made each live document live, as far as releases are kept: from the head back until all are
 * found. For display only; no decision depends on it.
 */
export async function withLandings(
  source: RedisSource,
  { seq }: Pick<Head, 'seq'>,
  documents: readonly { readonly ref: AnyRef; readonly sha256: string }[],
): Promise<Version[]> {
  const sought = new Map(documents.map(({ ref, sha256 }) => [formatRef(ref), sha256]));
  const found = new Map<string, Landing>();
  const oldest = Math.max(1, seq - CHANGES_KEPT + 1);
  for (let last = seq; last >= oldest && sought.size > 0; last -= RELEASES_AT_ONCE) {
    const changes = await source.changes(Math.max(oldest, last - RELEASES_AT_ONCE + 1), last);
    if (!changes) break;
    for (const change of changes.toReversed()) noteLandings(change, sought, found);
  }
  return documents.map((document) => {
    const landing = found.get(formatRef(document.ref));
    return { ...document, ...(landing ? { landing } : {}) };
  });
}

/** The newest release that names a document made it live; if it names other bytes, the releases do not fit the state. */
function noteLandings({ seq, items }: LandedChange, sought: Map<string, string>, found: Map<string, Landing>): void {
  for (const item of items) {
    const name = formatRef(item);
    const landing = sought.get(name) === item.sha256 ? landingOf(seq, item) : undefined;
    if (landing) found.set(name, landing);
    sought.delete(name);
  }
}
