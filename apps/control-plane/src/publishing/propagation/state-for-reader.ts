import type { Actor } from '../../access/actor.js';
import { readsAllOf } from '../../access/reading.js';
import type { PropagationState } from './propagation.js';

/**
 * The propagation of a release as one reader may see it. An instance words its rejection itself and may name any
 * document of the environment, so only a reader of all documents sees the reason.
 */
export function stateForReader(state: PropagationState, environment: string, reader: Actor): PropagationState {
  if (readsAllOf(reader, environment)) return state;
  const hidden = `the reason may name documents that you may not read; ask someone who may read everything in ${environment}`;
  return {
    ...state,
    receipts: state.receipts.map((receipt) => ({ ...receipt, error: receipt.error === null ? null : hidden })),
  };
}
