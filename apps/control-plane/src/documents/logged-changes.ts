import type { Json } from '@paddock/contracts';
import { type BodyChange, diffBodies } from './diff.js';

const MAX_CHANGES = 100;
const MAX_VALUE = 2_000;

/** The details of a change of a body in the audit log. */
export interface LoggedChanges {
  changes: BodyChange[];
  /** How many changes there are besides; absent: none. */
  moreChanges?: number;
}

/**
 * What changed from one body to another, as the audit log keeps it: at most 100 changes, and of a long value its length,
 * for the log is kept for ever and the bodies are in the revisions.
 */
export function loggedChanges(before: Json | undefined, after: Json): LoggedChanges {
  const changes = diffBodies(before, after);
  const more = changes.length - MAX_CHANGES;
  return { changes: changes.slice(0, MAX_CHANGES).map(shortened), ...(more > 0 ? { moreChanges: more } : {}) };
}

function shortened({ path, op, before, after }: BodyChange): BodyChange {
  return {
    ...{ path, op },
    ...(before === undefined ? {} : { before: short(before) }),
    ...(after === undefined ? {} : { after: short(after) }),
  };
}

function short(value: Json): Json {
  const { length } = JSON.stringify(value);
  return length <= MAX_VALUE ? value : `… ${length} characters of JSON`;
}
