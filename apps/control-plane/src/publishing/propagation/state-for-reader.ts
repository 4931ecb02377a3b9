import type { Actor } from '../../access/actor.js';
import { readsAllOf } from '../../access/reading.js';
import type { PropagationState } from './propagation.js';

/**
 * How far a release got, as one reader may see it. Why an instance rejected it is told in the words of the instance,
 * which may name any document of the environment: only who may read all of them sees it.
 */
export function stateForReader(state: PropagationState, environment: string, reader: Actor): PropagationState {
  if (readsAllOf(reader, environment)) return state;
  const hidden = `the reason may name documents that you may not read; ask someone who may read everything in ${environment}`;
  return {
    ...state,
    receipts: state.receipts.map((receipt) => ({ ...receipt, error: receipt.error === null ? null : hidden })),
  };
}
