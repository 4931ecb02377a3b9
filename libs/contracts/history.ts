import type { LandedChange } from './decode-artefacts.js';
import type { StateHash } from './state-hash.js';

/**
 * Do these releases continue the held state? Each must have the next seq and name the state before it. The seq alone
 * proves nothing: a database that was restored from a backup gives the same seqs to other releases.
 */
export function continuesFrom(
  held: { readonly seq: number; readonly stateHash: StateHash },
  changes: readonly LandedChange[],
): boolean {
  let { seq, stateHash } = held;
  return changes.every((change) => {
    const { previousStateHash = stateHash } = change;
    const continues = change.seq === seq + 1 && previousStateHash === stateHash;
    ({ seq, stateHash } = change);
    return continues;
  });
}
