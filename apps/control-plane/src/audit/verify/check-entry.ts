import { entryHash } from '../audit.js';
import type { AuditEntryRow } from '../audit.entity.js';

/** The first error of the log, with its entry. */
export interface BrokenAt {
  /** Number of the first broken entry. */
  number: number;
  /**
   * HASH: the entry was changed. LINK: the entry before it was. GAP: it is missing. END: entries were cut off or added.
   * REWRITTEN: it fits its neighbours, but another one was signed or exported. TRUNCATED: it was signed or exported, and
   * the log ends before it. SIGNATURE: its head is forged, missing or out of order. UNSIGNED: it should be signed by now.
   */
  reason: 'HASH' | 'LINK' | 'GAP' | 'END' | 'REWRITTEN' | 'TRUNCATED' | 'SIGNATURE' | 'UNSIGNED';
  message: string;
}

/** Whether an entry continues from the previous one, and is unchanged. */
export function checkEntry(entry: AuditEntryRow, previous: { number: number; hash: string }): BrokenAt | undefined {
  const { number } = entry;
  const next = previous.number + 1;
  if (number !== next) return { number: next, reason: 'GAP', message: `entry ${next} is missing` };
  if (entry.prevHash !== previous.hash)
    return { number, reason: 'LINK', message: `entry ${number} does not follow from entry ${previous.number}` };
  if (entryHash(entry.prevHash, entry) !== entry.hash) {
    return { number, reason: 'HASH', message: `entry ${number} was changed: its hash differs` };
  }
  return undefined;
}
