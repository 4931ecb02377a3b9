import { createHash } from 'node:crypto';
import { type AnyRef, formatRef } from './documents.js';

/**
 * The fingerprint of everything that is live in an environment: the sum modulo 2^256 of one SHA-256 per live document
 * (the multiset hash AdHash of Bellare and Micciancio, 1997). A landing updates it by its changes alone, and two states
 * with the same documents have the same hash whatever their history: with 32 bytes an instance proves that it holds
 * exactly the state in MySQL, and a rollback proves that it restored the earlier state. It guards against loss and
 * mix-ups, not against an adversary who may choose the documents.
 */
export type StateHash = string;

export const EMPTY_STATE: StateHash = '0'.repeat(64);

const MODULUS = 1n << 256n;

function term(ref: AnyRef, sha256: string): bigint {
  return BigInt(
    `0x${createHash('sha256')
      .update(`${formatRef(ref)}:${sha256}`)
      .digest('hex')}`,
  );
}

/** One document's step from its old body to its new one; `null` where it was or becomes absent. */
export interface StateChange {
  ref: AnyRef;
  before: string | null;
  after: string | null;
}

/** The hash after the changes; 64 lower-case hexadecimal digits. */
export function advanceStateHash(hash: StateHash, changes: Iterable<StateChange>): StateHash {
  let sum = BigInt(`0x${hash}`);
  for (const { ref, before, after } of changes) {
    if (before) sum -= term(ref, before);
    if (after) sum += term(ref, after);
  }
  return (((sum % MODULUS) + MODULUS) % MODULUS).toString(16).padStart(64, '0');
}
