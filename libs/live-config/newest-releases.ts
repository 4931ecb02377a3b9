import type { Head, LandedChange } from '@paddock/contracts';
import type { RedisSource } from './redis-source.js';

/** A refused document of a state that was read in full is looked for in so many releases. */
const RELEASES_SEARCHED = 20;

/** The newest releases that led to a head, as far as they are kept; empty where those that are kept led elsewhere. */
export async function newestReleases(
  source: RedisSource,
  { seq, stateHash }: Pick<Head, 'seq' | 'stateHash'>,
): Promise<readonly LandedChange[]> {
  if (seq === 0) return [];
  const changes =
    (await source.changes(Math.max(1, seq - RELEASES_SEARCHED + 1), seq)) ?? (await source.changes(seq, seq));
  // Records of a history that was lost say nothing.
  return changes?.at(-1)?.stateHash === stateHash ? changes : [];
}
